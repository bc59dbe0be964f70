package io.multinic.ipam.support;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.PodRef;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.contract.wire.StatedBlock;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The agent of a node from the view of ipam-service: persistent plan and journal, sessions, polls and batches.
public final class SimulatedAgent {
    private final String name;
    private final String uid;
    private final Supplier<Rest> service;
    private final Random random;
    private final Map<IpAddress, Allocation> held = new LinkedHashMap<>();
    private final List<LedgerEvent> events = new ArrayList<>();
    private @Nullable NodePlan plan;
    private String history = "";
    private long confirmed;
    private long epoch;
    private long allocations;

    public SimulatedAgent(int node, Supplier<Rest> service, long seed) {
        this.name = "node" + node;
        this.uid = "uid-" + node;
        this.service = service;
        this.random = new Random(seed * 31 + node);
    }

    public String name() {
        return name;
    }

    public String uid() {
        return uid;
    }

    public String history() {
        return history;
    }

    private String path(String of) {
        return "/api/v1/nodes/" + name + of;
    }

    /// @return the status of the answer
    public int openSession() {
        var statement = new PlanStatement(history, plan == null ? 0 : plan.revision(), blocks());
        var request = new SessionRequest(uid, "store-" + uid, confirmed, List.copyOf(held.values()), statement);
        var answer = service.get().post(path("/session"), request);
        if (answer.status() == 200) {
            var grant = answer.as(SessionGrant.class);
            epoch = grant.epoch();
            confirmed = Math.max(confirmed, grant.storedThrough());
        }
        return answer.status();
    }

    /// Polls once for changes; a refusal leaves the known plan unchanged.
    ///
    /// @return the status of the answer
    public int poll() {
        var answer = service.get().get(changes(0));
        if (answer.status() == 200) {
            var update = answer.as(PlanUpdate.class);
            NodePlan whole = update.plan();
            plan = whole != null ? whole : plan().with(Objects.requireNonNull(update.change()));
            history = update.history();
        }
        return answer.status();
    }

    /// Polls and waits for at most `wait` seconds; the answer is not applied to the plan.
    public CompletableFuture<Rest.Answer> pollLater(int wait) {
        return service.get().getLater(changes(wait));
    }

    private String changes(int wait) {
        return path("/plan/changes?wait=" + wait + "&after=" + (plan == null ? 0 : plan.revision()) + "&history="
                + URLEncoder.encode(history, StandardCharsets.UTF_8));
    }

    public NodePlan plan() {
        if (plan == null) {
            throw new AssertionError(name + " has no plan");
        }
        return plan;
    }

    /// The blocks of the known plan.
    public List<StatedBlock> blocks() {
        var blocks = new ArrayList<StatedBlock>();
        if (plan != null) {
            for (NetworkPlan network : plan.networks()) {
                network.blocks().forEach(block -> blocks.add(StatedBlock.of(network, block)));
            }
        }
        return blocks;
    }

    public Set<Cidr> podBlocks() {
        var blocks = new TreeSet<Cidr>();
        blocks().forEach(block -> blocks.add(block.podBlock()));
        return blocks;
    }

    public List<Allocation> held() {
        return List.copyOf(held.values());
    }

    /// Allocates and frees addresses without any request to the service.
    public void churn(int changes) {
        for (int i = 0; i < changes; i++) {
            if (!held.isEmpty() && random.nextInt(3) == 0) {
                var freed = List.copyOf(held.values()).get(random.nextInt(held.size()));
                held.remove(freed.address());
                add(LedgerEvent.Type.FREED, freed);
            } else {
                allocate();
            }
        }
    }

    public void freeAll() {
        held().forEach(allocation -> add(LedgerEvent.Type.FREED, allocation));
        held.clear();
    }

    private void allocate() {
        var all = plan().networks().stream()
                .flatMap(network -> network.blocks().stream().map(block -> allocation(network, block)))
                .toList();
        if (all.isEmpty()) {
            return;
        }
        Allocation chosen = all.get(random.nextInt(all.size()));
        if (held.putIfAbsent(chosen.address(), chosen) == null) {
            add(LedgerEvent.Type.ALLOCATED, chosen);
            allocations++;
        }
    }

    private Allocation allocation(NetworkPlan network, NicBlock block) {
        String container = name + "-" + (sequence() + 1);
        return new Allocation(
                network.network().name(),
                block.podBlock().network().plus(1 + random.nextInt(10)),
                block.nic(),
                new PodRef("default", "pod-" + container, ""),
                container,
                "net1",
                "net1-0");
    }

    private long sequence() {
        return events.isEmpty() ? confirmed : events.getLast().sequence();
    }

    private void add(LedgerEvent.Type type, Allocation allocation) {
        events.add(new LedgerEvent(sequence() + 1, type, Instant.now(), allocation));
    }

    /// The number of allocations so far.
    public long allocations() {
        return allocations;
    }

    /// Sends the unconfirmed events twice at the same time, as after a slow answer.
    public void sendTwice() {
        events.removeIf(event -> event.sequence() <= confirmed);
        var batch = new LedgerBatch(uid, epoch, List.copyOf(events));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int copy = 0; copy < 2; copy++) {
                var _ = threads.submit(() -> service.get().post(path("/ledger"), batch));
            }
        }
    }

    /// Sends the unconfirmed events.
    ///
    /// @return the status of the answer
    public int send() {
        events.removeIf(event -> event.sequence() <= confirmed);
        if (events.isEmpty()) {
            return 200;
        }
        var answer = service.get().post(path("/ledger"), new LedgerBatch(uid, epoch, events));
        if (answer.status() == 200) {
            confirmed = answer.as(LedgerReceipt.class).storedThrough();
            events.removeIf(event -> event.sequence() <= confirmed);
        }
        return answer.status();
    }
}
