package io.multinic.agent.attach;

import io.multinic.agent.attach.driver.InterfaceDriver;
import io.multinic.agent.attach.driver.InterfaceDrivers;
import io.multinic.agent.attach.driver.OpenSandbox;
import io.multinic.agent.attach.driver.PodRoutesApplier;
import io.multinic.agent.attach.driver.SandboxOpener;
import io.multinic.agent.attach.driver.SingleNames;
import io.multinic.agent.attach.plan.AttachRequest;
import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.nic.ReturnedNics;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
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
    private final SandboxOpener sandboxes;
    private final InterfaceDrivers drivers;
    private final IntentRecorder intents;
    private final HostDevices hostDevices;
    private final SingleNames singleNames = new SingleNames();
    private final InstantSource clock;
    private final JsonMapper json = JsonMapper.builder().build();
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
            PlanningSources sources,
            ReturnedNics returnedNics,
            Kernel kernel,
            InstantSource clock,
            Settings settings) {
        this.store = store;
        this.sandboxes = new SandboxOpener(kernel, settings.bootId());
        this.drivers = new InterfaceDrivers(kernel, json, settings.pluginTimeout(), settings.pluginPath());
        this.hostDevices = new HostDevices(store, returnedNics, this::sandboxGone);
        this.intents = new IntentRecorder(store, sources, hostDevices, drivers, clock, settings.restingTime());
        this.clock = clock;
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
        var intent = intents.record(request, sandbox);
        return complete(intent.attachment(), intent.plan(), sandbox);
    }

    private AttachmentResult complete(Attachment attachment, AttachmentPlan plan, OpenSandbox sandbox) {
        try {
            hostDevices.moving(attachment.key(), plan);
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
        singleNames.add(plan, attachment.key().ifName(), sandbox);
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
        hostDevices.returned(recorded.plan());
    }

    /// @param unused interfaces that never existed; their addresses need no rest
    private void undo(RecordedAttachment recorded, String netns, Set<String> unused) {
        removeInterfaces(recorded, netns);
        store.undone(recorded.attachment().key(), clock.instant(), unused);
        hostDevices.returned(recorded.plan());
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
            var report = drivers.repair(complete.plan(), complete.attachment(), complete.result(), open);
            if (!report.repaired().isEmpty()) {
                singleNames.add(complete.plan(), complete.attachment().key().ifName(), open);
            }
            return new RepairResult.Compared(namespaceId, report);
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

    /// Restores NICs that were in pods and are on the node again; called after changes of links.
    public void restoreNics() {
        hostDevices.restore();
    }

    /// Succeeds if ADD can work now.
    ///
    /// @throws MultiNicException TRY_AGAIN_LATER or INTERNAL otherwise
    public void requireReady() {
        intents.requireReady();
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
