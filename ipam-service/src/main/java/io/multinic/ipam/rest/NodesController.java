package io.multinic.ipam.rest;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.delivery.PlanPolls;
import io.multinic.ipam.ledger.BatchChecks;
import io.multinic.ipam.poll.PollState;
import io.multinic.ipam.security.CallerTokenConverter;
import io.multinic.ipam.service.node.AgentSessions;
import io.multinic.ipam.service.node.NodePlans;
import io.multinic.ipam.service.node.NodeStates;
import io.multinic.ipam.service.node.Nodes;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.security.Principal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
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
@RequestMapping("/api/v1/nodes")
class NodesController {
    private final Nodes nodes;
    private final NodeStates states;
    private final AgentSessions sessions;
    private final NodePlans plans;
    private final PlanPolls polls;

    NodesController(Nodes nodes, NodeStates states, AgentSessions sessions, NodePlans plans, PlanPolls polls) {
        this.nodes = nodes;
        this.states = states;
        this.sessions = sessions;
        this.plans = plans;
        this.polls = polls;
    }

    @PutMapping("/{node}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void put(@PathVariable String node, @RequestBody NodeInventory inventory, @Nullable Principal principal) {
        Params.requireName(node, "node");
        Params.requireName(inventory.nodeUid(), "nodeUid");
        Params.requireAtMost(Params.MAX_NICS, inventory.nics().size(), "nics");
        var names = new HashSet<String>();
        for (Nic nic : inventory.nics()) {
            Params.requireLabel(nic.name(), "nics.name");
            Params.requireAtMost(Params.MAX_ADDRESSES, nic.addresses().size(), "nics.addresses");
            if (!names.add(nic.name())) {
                throw new MultiNicException(
                        ErrorCode.INVALID_REQUEST, "nics names " + nic.name() + " twice; send each NIC once");
            }
        }
        nodes.put(node, inventory, Params.caller(principal));
    }

    @GetMapping
    List<NodeState> list(@RequestParam(defaultValue = "false") boolean superseded) {
        return states.list(superseded);
    }

    @Refuses(ErrorCode.NODE_UNKNOWN)
    @GetMapping("/{node}")
    NodeState get(@PathVariable String node) {
        return states.get(Params.requireName(node, "node"));
    }

    @Refuses(ErrorCode.IN_USE)
    @DeleteMapping("/{node}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void retire(
            @PathVariable String node,
            @RequestParam(required = false) @Nullable String uid,
            @RequestParam(defaultValue = "false") boolean gone,
            @Nullable Principal principal) {
        if (uid != null) {
            Params.requireName(uid, "uid");
        } else if (gone) {
            throw new MultiNicException(
                    ErrorCode.INVALID_REQUEST, "gone is said of a node, not of a name; give its uid as well");
        }
        nodes.retire(Params.requireName(node, "node"), uid, gone, Params.caller(principal));
    }

    @Refuses({ErrorCode.NODE_UNKNOWN, ErrorCode.NODE_RETIRED})
    @PostMapping("/{node}/session")
    SessionGrant session(
            @PathVariable String node, @RequestBody SessionRequest request, @Nullable Principal principal) {
        Params.requireName(node, "node");
        requireOwnNode(Params.requireName(request.nodeUid(), "nodeUid"), principal);
        Params.requireName(request.storeId(), "storeId");
        Params.requireAtMost(Params.MAX_LIVE, request.live().size(), "live");
        if (request.plan() != null) {
            Params.requireStatement(request.plan());
        }
        Long confirmed = request.confirmed();
        if (confirmed != null && (confirmed < 0 || confirmed > BatchChecks.MAX_SEQUENCE)) {
            throw new MultiNicException(
                    ErrorCode.INVALID_REQUEST, "confirmed is " + confirmed + "; give 0 to " + BatchChecks.MAX_SEQUENCE);
        }
        return sessions.openSession(node, request);
    }

    /// The whole plan, or 204 if its revision is `after`.
    @ApiResponse(responseCode = "200", description = "the plan", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "204", description = "the plan has the revision `after`", content = @Content)
    @Refuses(ErrorCode.NODE_UNKNOWN)
    @GetMapping("/{node}/plan")
    ResponseEntity<NodePlan> plan(@PathVariable String node, @RequestParam(defaultValue = "0") long after) {
        return answer(plans.planUnless(Params.requireName(node, "node"), Params.requireRevision(after)));
    }

    /// @param history database incarnation of the revision `after`
    @Refuses({ErrorCode.NODE_UNKNOWN, ErrorCode.SESSION_NEEDED})
    @GetMapping("/{node}/plan/changes")
    CompletableFuture<ResponseEntity<PlanUpdate>> planChanges(
            @PathVariable String node,
            @RequestParam(defaultValue = "0") long after,
            @RequestParam(defaultValue = "") String history,
            @RequestParam(defaultValue = "0") int wait) {
        var known = new PollState(
                Params.requireName(node, "node"), Params.requireRevision(after), Params.requireHistory(history));
        return polls.update(known, Duration.ofSeconds(Params.requireWait(wait))).thenApply(NodesController::answer);
    }

    private static <T> ResponseEntity<T> answer(Optional<T> plan) {
        return plan.map(ResponseEntity::ok)
                .orElseGet(() -> ResponseEntity.noContent().build());
    }

    @Refuses({ErrorCode.NODE_UNKNOWN, ErrorCode.NODE_RETIRED, ErrorCode.STALE_SESSION, ErrorCode.LEDGER_GAP})
    @PostMapping("/{node}/ledger")
    LedgerReceipt ledger(@PathVariable String node, @RequestBody LedgerBatch batch, @Nullable Principal principal) {
        Params.requireName(node, "node");
        requireOwnNode(Params.requireName(batch.nodeUid(), "nodeUid"), principal);
        return sessions.append(node, batch);
    }

    private static void requireOwnNode(String nodeUid, @Nullable Principal principal) {
        CallerTokenConverter.callerOf(principal)
                .filter(caller -> !caller.mayActFor(nodeUid))
                .ifPresent(caller -> {
                    throw new MultiNicException(
                            ErrorCode.NOT_ALLOWED,
                            "the token of " + caller.subject() + " was given out on the node with UID "
                                    + caller.nodeUid().orElse("") + ", and speaks for no other one; nodeUid is "
                                    + nodeUid
                                    + ". If the node was made again under its name, the agent's pod needs a new token");
                });
    }
}
