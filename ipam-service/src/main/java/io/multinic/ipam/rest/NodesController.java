package io.multinic.ipam.rest;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.contract.wire.StatedBlock;
import io.multinic.ipam.poll.Known;
import io.multinic.ipam.poll.PlanPolls;
import io.multinic.ipam.registry.Ledger;
import io.multinic.ipam.registry.Nodes;
import io.multinic.ipam.security.CallerTokens;
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
    private static final long MAX_WAIT_SECONDS = 60;
    private static final int MAX_BLOCKS = 20_000;
    private static final int MAX_HISTORY = 200;

    private final Nodes nodes;
    private final Ledger ledger;
    private final PlanPolls polls;

    NodesController(Nodes nodes, Ledger ledger, PlanPolls polls) {
        this.nodes = nodes;
        this.ledger = ledger;
        this.polls = polls;
    }

    @PutMapping("/{node}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void put(@PathVariable String node, @RequestBody NodeInventory inventory, @Nullable Principal principal) {
        Params.requireName(node, "node");
        Params.requireName(inventory.nodeUid(), "nodeUid");
        Params.requireAtMost(256, inventory.nics().size(), "nics");
        var names = new HashSet<String>();
        for (Nic nic : inventory.nics()) {
            Params.requireName(nic.name(), "nics.name");
            Params.requireAtMost(256, nic.addresses().size(), "nics.addresses");
            if (!names.add(nic.name())) {
                throw new MultiNicException(
                        ErrorCode.INVALID_REQUEST, "nics names " + nic.name() + " twice; send each NIC once");
            }
        }
        nodes.put(node, inventory, Params.caller(principal));
    }

    @GetMapping
    List<NodeState> list(@RequestParam(defaultValue = "false") boolean superseded) {
        return nodes.list(superseded);
    }

    @GetMapping("/{node}")
    NodeState get(@PathVariable String node) {
        return nodes.get(Params.requireName(node, "node"));
    }

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

    @PostMapping("/{node}/session")
    SessionGrant session(
            @PathVariable String node, @RequestBody SessionRequest request, @Nullable Principal principal) {
        Params.requireName(node, "node");
        requireSpokenFor(Params.requireName(request.nodeUid(), "nodeUid"), principal);
        Params.requireName(request.storeId(), "storeId");
        Params.requireAtMost(100_000, request.live().size(), "live");
        Long confirmed = request.confirmed();
        if (confirmed != null && confirmed < 0) {
            throw new MultiNicException(
                    ErrorCode.INVALID_REQUEST, "confirmed is " + confirmed + "; it is a sequence, 0 or more");
        }
        if (request.plan() != null) {
            requireStatement(request.plan());
        }
        return ledger.openSession(node, request);
    }

    @GetMapping("/{node}/plan")
    CompletableFuture<ResponseEntity<NodePlan>> plan(
            @PathVariable String node,
            @RequestParam(defaultValue = "0") long after,
            @RequestParam(defaultValue = "0") long wait) {
        return answer(polls.plan(Params.requireName(node, "node"), after, requireWait(wait)));
    }

    /// @param history that came with the revision `after`
    @GetMapping("/{node}/plan/changes")
    CompletableFuture<ResponseEntity<PlanUpdate>> planChanges(
            @PathVariable String node,
            @RequestParam(defaultValue = "0") long after,
            @RequestParam(defaultValue = "") String history,
            @RequestParam(defaultValue = "0") long wait) {
        var known = new Known(Params.requireName(node, "node"), after, history);
        return answer(polls.update(known, requireWait(wait)));
    }

    private static Duration requireWait(long seconds) {
        if (seconds < 0 || seconds > MAX_WAIT_SECONDS) {
            throw new MultiNicException(
                    ErrorCode.INVALID_REQUEST, "wait is " + seconds + "; give 0 to " + MAX_WAIT_SECONDS + " seconds");
        }
        return Duration.ofSeconds(seconds);
    }

    private static <T> CompletableFuture<ResponseEntity<T>> answer(CompletableFuture<Optional<T>> news) {
        return news.thenApply(known -> known.map(ResponseEntity::ok)
                .orElseGet(() -> ResponseEntity.noContent().build()));
    }

    @PostMapping("/{node}/ledger")
    LedgerReceipt ledger(@PathVariable String node, @RequestBody LedgerBatch batch, @Nullable Principal principal) {
        Params.requireName(node, "node");
        requireSpokenFor(Params.requireName(batch.nodeUid(), "nodeUid"), principal);
        return ledger.append(node, batch);
    }

    private static void requireStatement(PlanStatement plan) {
        Params.requireAtMost(MAX_BLOCKS, plan.blocks().size(), "plan.blocks");
        if (plan.history().length() > MAX_HISTORY || plan.revision() < 0) {
            throw new MultiNicException(
                    ErrorCode.INVALID_REQUEST,
                    "plan.history and plan.revision are not those that came with a plan; give \"\" and 0 if none did");
        }
        for (StatedBlock block : plan.blocks()) {
            Params.requireName(block.network(), "plan.blocks.network");
            Params.requireName(block.nic(), "plan.blocks.nic");
        }
    }

    private static void requireSpokenFor(String nodeUid, @Nullable Principal principal) {
        CallerTokens.callerOf(principal)
                .filter(caller -> !caller.maySpeakFor(nodeUid))
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
