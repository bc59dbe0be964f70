package io.multinic.ipam.rest;

import io.multinic.contract.wire.QuarantineRequest;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.ipam.service.node.Quarantine;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/v1/quarantine")
class QuarantineController {
    private final Quarantine quarantine;

    QuarantineController(Quarantine quarantine) {
        this.quarantine = quarantine;
    }

    @GetMapping
    QuarantineState get() {
        return quarantine.state();
    }

    @PostMapping
    QuarantineState begin(@RequestBody QuarantineRequest request, @Nullable Principal principal) {
        return quarantine.begin(Params.requireText(request.reason(), "reason"), Params.caller(principal));
    }

    /// @param forget also deletes unsettled blocks, so that they may be assigned to others
    @DeleteMapping
    QuarantineState end(
            @RequestParam String reason,
            @RequestParam(defaultValue = "false") boolean forget,
            @Nullable Principal principal) {
        return quarantine.end(Params.requireText(reason, "reason"), forget, Params.caller(principal));
    }
}
