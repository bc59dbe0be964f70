package io.multinic.agent.attach;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.Decision;
import io.multinic.agent.attach.driver.InterfaceDriver;
import io.multinic.agent.attach.driver.InterfaceDrivers;
import io.multinic.agent.attach.driver.OpenSandbox;
import io.multinic.agent.attach.driver.PodRoutesApplier;
import io.multinic.agent.attach.driver.SandboxOpener;
import io.multinic.agent.attach.plan.AttachRequest;
import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentPlanner;
import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PlannedNics;
import io.multinic.agent.attach.plan.PlanningFacts;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.journal.BeginResult;
import io.multinic.agent.journal.Intent;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.nic.NodeNics;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.agent.select.NicUse;
import io.multinic.agent.select.Topology;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Attaches pods to networks and detaches them: the CNI verbs without their JSON.
///
/// The intent is recorded first, then the kernel is changed, then the result is recorded and returned. A failed
/// attachment is undone; one that cannot be undone, or that a crash leaves incomplete, stays recorded and is undone by
/// the next call for the same key or by [AttachmentRecovery]. Calls for one key run sequentially, calls for different
/// keys in parallel.
///
/// Every failure is a [MultiNicException].
public final class AttachmentService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AttachmentService.class);

    private final AllocationStore store;
    private final CurrentPlan currentPlan;
    private final NodeNics nodeNics;
    private final SandboxOpener sandboxes;
    private final InterfaceDrivers drivers;
    private final SelectionSources selection;
    private final InstantSource clock;
    private final Duration restingTime;
    private final JsonMapper json = JsonMapper.builder().build();
    private final NicUsage nicUsage;
    private final KeyedLock<AttachmentKey> locks = new KeyedLock<>();
    private final List<Consumer<AttachmentKey>> listeners = new CopyOnWriteArrayList<>();

    /// Settings of the service.
    ///
    /// @param bootId id of this boot of the node
    /// @param restingTime see [AddressRequest]
    /// @param pluginTimeout limit for one execution of a CNI plugin
    /// @param pluginPath directories of plugins in addition to CNI_PATH
    public record Settings(String bootId, Duration restingTime, Duration pluginTimeout, List<String> pluginPath) {
        public Settings {
            pluginPath = List.copyOf(pluginPath);
        }
    }

    public AttachmentService(
            AllocationStore store,
            CurrentPlan currentPlan,
            NodeNics nodeNics,
            SelectionSources selection,
            Kernel kernel,
            InstantSource clock,
            Settings settings) {
        this.store = store;
        this.currentPlan = currentPlan;
        this.nodeNics = nodeNics;
        this.selection = selection;
        this.sandboxes = new SandboxOpener(kernel, settings.bootId());
        this.drivers = new InterfaceDrivers(kernel, json, settings.pluginTimeout(), settings.pluginPath());
        this.nicUsage = new NicUsage(store, json);
        this.clock = clock;
        this.restingTime = settings.restingTime();
    }

    /// Attaches all interfaces or none. Repeating a completed request returns the recorded result.
    public AttachmentResult attach(AttachRequest request) {
        return locks.withLock(request.key(), () -> {
            try (OpenSandbox sandbox = sandboxes.open(request.netns())) {
                var existing = store.find(request.key());
                if (existing.isPresent()) {
                    var answer = settle(read(existing.get()), request, sandbox);
                    if (answer.isPresent()) {
                        return answer.get();
                    }
                }
                return attachNew(request, sandbox);
            }
        });
    }

    /// Handles the attachment that is recorded under the key: returns its result if it is the requested one and
    /// intact, refuses a different request, and removes everything else.
    private Optional<AttachmentResult> settle(RecordedAttachment recorded, AttachRequest request, OpenSandbox sandbox) {
        var attachment = recorded.attachment();
        if (attachment.state() == Attachment.State.DETACHING) {
            finishDetaching(recorded, request.netns());
            return Optional.empty();
        }
        var complete = recorded.complete();
        boolean sameSandbox = sandbox.identity()
                .identity()
                .equals(attachment.intent().sandbox().identity());
        if (complete.isPresent() && sameSandbox) {
            if (!attachment.intent().fingerprint().equals(request.fingerprint())) {
                throw new MultiNicException(
                        ErrorCode.ATTACHMENT_DIFFERS,
                        "attachment " + request.key() + " exists with another configuration (network "
                                + attachment.intent().network() + "); delete it first");
            }
            if (defects(complete.get(), sandbox).isEmpty()) {
                return Optional.of(complete.get().result());
            }
        }
        undo(recorded, request.netns(), Set.of());
        return Optional.empty();
    }

    private AttachmentResult attachNew(AttachRequest request, OpenSandbox sandbox) {
        var policy = request.nics().policy();
        Begin begin = policy.reservesBandwidth() || policy.needsTopology()
                ? nicUsage.select(use -> begin(request, sandbox, use))
                : begin(request, sandbox, Map.of());
        return switch (begin.result()) {
            case BeginResult.Recorded recorded -> complete(recorded.attachment(), begin.plan(), sandbox);
            case BeginResult.Refused refused -> throw refusal(refused.refusal());
            case BeginResult.Deleted deleted ->
                throw new MultiNicException(
                        ErrorCode.ATTACHMENT_DELETED,
                        "attachment " + deleted.key() + " was deleted at " + deleted.at()
                                + " and must not come back; make a new sandbox");
            case BeginResult.NotRestored() -> throw notRestored();
            case BeginResult.Existing existing ->
                throw new IllegalStateException(existing.attachment().key() + " was recorded by somebody else");
        };
    }

    private record Begin(AttachmentPlan plan, BeginResult result) {}

    private Begin begin(AttachRequest request, OpenSandbox sandbox, Map<String, NicUse> use) {
        var planned = AttachmentPlanner.plan(request, facts(request, use));
        var plan = request.replacesDefaultRoute() || planned.plan().routes().isEmpty()
                ? planned.plan()
                : planned.plan().withoutDefaultRoutes(sandbox.defaultRoutes());
        drivers.requirePresent(plan.driver());
        requireFreeNames(plan, sandbox);
        var intent = new Intent(
                request.key(),
                request.network(),
                sandbox.identity(),
                request.pod(),
                request.fingerprint(),
                json.writeValueAsString(plan));
        var addresses = new AddressRequest(
                request.network(), request.pod(), planned.demands(), planned.requested(), clock.instant(), restingTime);
        return new Begin(plan, store.begin(intent, addresses));
    }

    private PlanningFacts facts(AttachRequest request, Map<String, NicUse> use) {
        var nics = nodeNics.nics();
        var topology = request.nics().policy().needsTopology()
                ? selection.topology(request.pod().uid(), nics)
                : Topology.NONE;
        var plannedNics = new PlannedNics(currentPlan.absent(), nodeNics::obstacle);
        return new PlanningFacts(currentPlan.plan(), nics, plannedNics, use, selection.deviceClasses(), topology);
    }

    /// Checked before the intent is recorded: later, an existing link of that name would be removed as part of
    /// undoing.
    private static void requireFreeNames(AttachmentPlan plan, OpenSandbox sandbox) {
        var taken = sandbox.existing(plan.interfaces(List.of()));
        if (!taken.isEmpty()) {
            throw new MultiNicException(
                    ErrorCode.NETNS_UNUSABLE,
                    "CNI_NETNS '" + sandbox.path() + "' has interfaces " + taken
                            + " already, and they are not ours; use another CNI_IFNAME or a new sandbox");
        }
    }

    private static MultiNicException refusal(Decision.Refusal refusal) {
        var code = switch (refusal) {
            case Decision.BlockFull full -> ErrorCode.BLOCK_FULL;
            case Decision.AddressUnavailable unavailable -> ErrorCode.ADDRESS_UNAVAILABLE;
        };
        return new MultiNicException(code, refusal.message());
    }

    private AttachmentResult complete(Attachment attachment, AttachmentPlan plan, OpenSandbox sandbox) {
        try {
            var result = createInterfaces(attachment, plan, sandbox);
            store.attached(attachment.key(), json.writeValueAsString(result));
            listeners.forEach(listener -> listener.accept(attachment.key()));
            return result;
        } catch (RuntimeException failure) {
            try {
                undo(new RecordedAttachment(attachment, plan, null), sandbox.path(), unused(plan, sandbox));
            } catch (RuntimeException undoing) {
                failure.addSuppressed(undoing);
                log.atWarn()
                        .setMessage("attachment cannot be undone and stays recorded")
                        .addKeyValue("attachment", attachment.key())
                        .setCause(undoing)
                        .log();
            }
            throw failure;
        }
    }

    private AttachmentResult createInterfaces(Attachment attachment, AttachmentPlan plan, OpenSandbox sandbox) {
        var interfaces = plan.interfaces(attachment.allocations());
        var attached = drivers.driver(plan.driver(), attachment, null).attach(sandbox, interfaces);
        PodRoutesApplier.apply(plan, sandbox, interfaces);
        var links = new ArrayList<>(attached.interfaces());
        links.addAll(attached.hostEnds());
        List<JsonNode> routes = new ArrayList<>(attached.routes());
        plan.routes().forEach(route -> routes.add(json.valueToTree(route)));
        return new AttachmentResult(
                links, attached.addresses(), routes, attached.dns().isEmpty() ? plan.dns() : attached.dns());
    }

    /// Detaches by the record. An unknown or already deleted key, or a missing namespace, is not an error.
    ///
    /// @param netns current value of CNI_NETNS; may be empty
    public void detach(AttachmentKey key, String netns) {
        locks.withLock(key, () -> {
            if (!detachIf(key, netns, _ -> true)) {
                store.detached(key, clock.instant());
            }
            return key;
        });
    }

    /// Detaches every complete attachment of `network` that is not in `valid`, like DEL of each (CNI spec 1.1, GC).
    ///
    /// @param failures receives those that cannot be detached; they stay recorded
    /// @return the detached attachments
    public List<AttachmentKey> collectGarbage(String network, Set<AttachmentKey> valid, Failures failures) {
        Predicate<Attachment> stale =
                attachment -> attachment.intent().network().equals(network)
                        && attachment.state() == Attachment.State.ATTACHED
                        && !valid.contains(attachment.key());
        List<AttachmentKey> detached = new ArrayList<>();
        for (Attachment attachment : store.attachments()) {
            AttachmentKey key = attachment.key();
            if (stale.test(attachment)) {
                failures.attempt("attachment " + key, () -> {
                    if (detachIf(key, "", stale)) {
                        detached.add(key);
                    }
                });
            }
        }
        return detached;
    }

    /// GC and STATUS of executed plugins.
    public PluginVerbs pluginVerbs() {
        return new PluginVerbs(store, drivers, json);
    }

    /// Detaches an attachment whose namespace is gone, or was restored from the ledger, like DEL without a namespace.
    ///
    /// @return false if there is no such attachment, or its namespace exists
    public boolean reclaim(AttachmentKey key) {
        return detachIf(key, "", attachment -> attachment.restored() || sandboxGone(attachment));
    }

    /// @return false if there is no such attachment, or it does not meet the condition
    private boolean detachIf(AttachmentKey key, String netns, Predicate<Attachment> condition) {
        return locks.withLock(key, () -> {
            var attachment = store.find(key).filter(condition);
            attachment.ifPresent(found -> {
                store.detaching(key);
                finishDetaching(read(found), netns);
            });
            return attachment.isPresent();
        });
    }

    private void finishDetaching(RecordedAttachment recorded, String netns) {
        removeInterfaces(recorded, netns);
        store.detached(recorded.attachment().key(), clock.instant());
    }

    /// @param unused interfaces that never existed; their addresses need no rest
    private void undo(RecordedAttachment recorded, String netns, Set<String> unused) {
        removeInterfaces(recorded, netns);
        store.undone(recorded.attachment().key(), clock.instant(), unused);
    }

    /// Interfaces of a failed attachment that were not created. An executed plugin may have created one for a moment.
    private static Set<String> unused(AttachmentPlan plan, OpenSandbox sandbox) {
        if (plan.driver() instanceof DriverConfig.Executed) {
            return Set.of();
        }
        var planned = plan.interfaces(List.of());
        var existing = Set.copyOf(sandbox.existing(planned));
        return planned.stream()
                .map(PodInterface::name)
                .filter(name -> !existing.contains(name))
                .collect(Collectors.toSet());
    }

    private void removeInterfaces(RecordedAttachment recorded, String netns) {
        var sandbox = sandboxes.reopen(recorded.attachment().intent().sandbox(), netns);
        try {
            recorded.remover(drivers).detach(sandbox, recorded.interfaces());
        } finally {
            sandbox.ifPresent(OpenSandbox::close);
        }
    }

    /// Verifies a complete attachment.
    ///
    /// @param previousAddresses the addresses in the runtime's `prevResult`; null if it passed none
    /// @throws MultiNicException ATTACHMENT_BROKEN naming all differences from the attached state
    public void check(AttachmentKey key, String netns, @Nullable Set<String> previousAddresses) {
        locks.withLock(key, () -> {
            var complete = store.find(key)
                    .map(this::read)
                    .flatMap(RecordedAttachment::complete)
                    .orElseThrow(() -> broken(key, "it is not recorded as attached"));
            try (OpenSandbox sandbox = sandboxes.open(netns)) {
                var intended = complete.attachment().intent().sandbox();
                var defects = sandbox.identity().identity().equals(intended.identity())
                        ? defects(complete, sandbox)
                        : List.of("CNI_NETNS is another namespace than the one attached, " + intended.path());
                if (!defects.isEmpty()) {
                    throw broken(key, String.join("; ", defects));
                }
                driver(complete).check(sandbox, complete.interfaces());
            }
            if (previousAddresses != null) {
                requireAddresses(key, complete.result(), previousAddresses);
            }
            return key;
        });
    }

    private static void requireAddresses(AttachmentKey key, AttachmentResult result, Set<String> previousAddresses) {
        var missing = result.addresses().stream()
                .map(attached -> attached.address().toString())
                .filter(address -> !previousAddresses.contains(address))
                .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            throw broken(key, "prevResult lacks " + missing);
        }
    }

    private static MultiNicException broken(AttachmentKey key, String defects) {
        return new MultiNicException(
                ErrorCode.ATTACHMENT_BROKEN,
                "attachment " + key + ": " + defects + "; delete the pod to have it made anew");
    }

    private InterfaceDriver driver(RecordedAttachment.Complete complete) {
        return drivers.driver(complete.plan().driver(), complete.attachment(), complete.result());
    }

    private List<String> defects(RecordedAttachment.Complete complete, OpenSandbox sandbox) {
        return drivers.defects(complete.plan(), complete.interfaces(), sandbox);
    }

    /// Calls `listener` after each new attachment; it must not block.
    public void onAttached(Consumer<AttachmentKey> listener) {
        listeners.add(listener);
    }

    /// Compares a complete attachment with its record and repairs it as far as possible.
    public RepairResult repair(AttachmentKey key) {
        return locks.ifIdle(
                        key,
                        () -> store.find(key)
                                .map(this::read)
                                .flatMap(RecordedAttachment::complete)
                                .map(this::repair)
                                .orElseGet(RepairResult.Absent::new))
                .orElseGet(RepairResult.Busy::new);
    }

    private RepairResult repair(RecordedAttachment.Complete complete) {
        var sandbox = sandboxes.reopen(complete.attachment().intent().sandbox(), "");
        if (sandbox.isEmpty()) {
            return new RepairResult.Absent();
        }
        try (OpenSandbox open = sandbox.get()) {
            int namespaceId = drivers.namespaceId(open);
            return new RepairResult.Compared(
                    namespaceId, drivers.repair(complete.plan(), complete.attachment(), complete.result(), open));
        }
    }

    /// Keys of complete attachments whose side on the node deviates from their records, without a look into the pods.
    public Set<AttachmentKey> deviatingOnHost(List<Attachment> attachments) {
        return HostComparison.deviating(attachments, drivers.observer(), json);
    }

    /// All recorded attachments, the oldest first.
    public List<Attachment> all() {
        return store.attachments();
    }

    /// True if the namespace of an attachment no longer exists; false if it was never known.
    public boolean sandboxGone(Attachment attachment) {
        return !attachment.restored() && sandboxes.gone(attachment.intent().sandbox());
    }

    private static MultiNicException notRestored() {
        return new MultiNicException(
                ErrorCode.TRY_AGAIN_LATER,
                "the journal of this node is new and ipam-service has not yet said which addresses are held here; check"
                        + " that ipam-service runs and that this agent reaches it");
    }

    /// Succeeds if ADD can work now.
    ///
    /// @throws MultiNicException TRY_AGAIN_LATER or INTERNAL otherwise
    public void requireReady() {
        if (!store.restored()) {
            throw notRestored();
        }
        if (currentPlan.plan().isEmpty()) {
            throw new MultiNicException(
                    ErrorCode.TRY_AGAIN_LATER,
                    "this node has no plan yet: ipam-service has not sent one; check that ipam-service and"
                            + " controller-service run");
        }
    }

    /// Undoes an attachment that is not complete, or finishes its deletion; waits for a call for the same key.
    ///
    /// @return false if there is no such attachment, or it is complete
    boolean settleIncomplete(AttachmentKey key) {
        return locks.withLock(key, () -> {
            var incomplete = store.find(key).filter(attachment -> attachment.state() != Attachment.State.ATTACHED);
            incomplete.map(this::read).ifPresent(recorded -> {
                if (recorded.attachment().state() == Attachment.State.INTENT) {
                    undo(recorded, "", Set.of());
                } else {
                    finishDetaching(recorded, "");
                }
            });
            return incomplete.isPresent();
        });
    }

    /// The plugin that the removal of an attachment executes; empty for a built-in driver or an unknown key.
    public Optional<NetworkPlugin> pluginOf(AttachmentKey key) {
        return store.find(key).flatMap(this::pluginOf);
    }

    /// A plugin that the removal of attachments of a network executes; empty if there is none.
    public Optional<NetworkPlugin> pluginOf(String network) {
        return store.attachments().stream()
                .filter(attachment -> attachment.intent().network().equals(network))
                .flatMap(attachment -> pluginOf(attachment).stream())
                .findFirst();
    }

    /// The plugin that the removal of an attachment executes; empty for a built-in driver or an unreadable record.
    public Optional<NetworkPlugin> pluginOf(Attachment attachment) {
        try {
            return read(attachment).plugin();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private RecordedAttachment read(Attachment attachment) {
        return RecordedAttachment.read(attachment, json);
    }

    @Override
    public void close() {
        drivers.close();
    }
}
