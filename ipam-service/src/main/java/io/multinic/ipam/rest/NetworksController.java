package io.multinic.ipam.rest;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPreview;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NetworkUsage;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.Page;
import io.multinic.ipam.service.plan.NetworkStates;
import io.multinic.ipam.service.plan.Networks;
import java.security.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/v1/networks")
class NetworksController {
    private final Networks networks;
    private final NetworkStates states;

    NetworksController(Networks networks, NetworkStates states) {
        this.networks = networks;
        this.states = states;
    }

    @Refuses({ErrorCode.INVALID_NETWORK, ErrorCode.NETWORK_EDIT_REFUSED, ErrorCode.QUARANTINED})
    @PutMapping("/{name}")
    NetworkState put(
            @PathVariable String name, @RequestBody NetworkDefinition definition, @Nullable Principal principal) {
        requireUsable(name, definition);
        return networks.put(definition, Params.caller(principal));
    }

    /// Preview of a PUT of the same body.
    @Refuses(ErrorCode.INVALID_NETWORK)
    @PostMapping("/{name}/preview")
    NetworkPreview preview(@PathVariable String name, @RequestBody NetworkDefinition definition) {
        requireUsable(name, definition);
        return networks.preview(definition);
    }

    private static void requireUsable(String name, NetworkDefinition definition) {
        Params.requireName(name, "name");
        if (!name.equals(definition.name())) {
            throw new MultiNicException(
                    ErrorCode.INVALID_REQUEST,
                    "the path names network " + name + ", the body " + definition.name() + "; send the same name");
        }
        Params.requireBits(definition.interfaceBlock(), "interfaceBlock");
        Params.requireBits(definition.hostBlock(), "hostBlock");
        Params.requireAtMost(Params.MAX_MASTER_NETS, definition.masterNets().size(), "masterNets");
        Params.requireAtMost(Params.MAX_EXCLUDES, definition.excludes().size(), "excludes");
    }

    @GetMapping
    List<NetworkState> list() {
        return states.list();
    }

    @Refuses(ErrorCode.NETWORK_UNKNOWN)
    @GetMapping("/{name}")
    NetworkState get(@PathVariable String name) {
        return states.get(Params.requireName(name, "name"));
    }

    @Refuses(ErrorCode.NETWORK_UNKNOWN)
    @GetMapping("/{name}/blocks")
    Page<NodeBlock> blocks(
            @PathVariable String name,
            @RequestParam(defaultValue = Params.DEFAULT_LIMIT) int limit,
            @RequestParam(defaultValue = "") String cursor) {
        return states.blocks(
                Params.requireName(name, "name"), Params.requireLimit(limit), Params.requireCidrCursor(cursor));
    }

    @Refuses(ErrorCode.NETWORK_UNKNOWN)
    @GetMapping("/{name}/usage")
    NetworkUsage usage(
            @PathVariable String name,
            @RequestParam(defaultValue = Params.DEFAULT_LIMIT) int limit,
            @RequestParam(defaultValue = "") String cursor) {
        return states.usage(
                Params.requireName(name, "name"), Params.requireLimit(limit), Params.requireUsageCursor(cursor));
    }

    @Refuses({ErrorCode.IN_USE, ErrorCode.QUARANTINED})
    @DeleteMapping("/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String name, @Nullable Principal principal) {
        networks.delete(Params.requireName(name, "name"), Params.caller(principal));
    }
}
