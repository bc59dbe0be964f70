package io.multinic.agent.attach;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.Decision;
import io.multinic.agent.attach.driver.InterfaceDrivers;
import io.multinic.agent.attach.driver.OpenSandbox;
import io.multinic.agent.attach.driver.PluginProcess;
import io.multinic.agent.attach.driver.PodRoutesApplier;
import io.multinic.agent.attach.driver.Sandboxes;
import io.multinic.agent.attach.plan.AttachRequest;
import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentPlanner;
import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.journal.BeginResult;
import io.multinic.agent.journal.Intent;
import io.multinic.agent.journal.Sandbox;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.nic.NodeNics;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Attaches pods to networks and detaches them: the CNI verbs without their texts.
///
/// Intent is recorded first, then the kernel is touched, then the result is recorded and answered. What fails on the
/// way is undone; what cannot be undone, or a crash leaves behind, stays recorded and is undone by the next call for
/// the same key or by [#recover]. Calls for one key come one after the other, others do not wait.
///
/// Every failure is a [MultiNicException].
public final class AttachmentService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AttachmentService.class);

    private final AllocationStore store;
    private final CurrentPlan currentPlan;
    private final NodeNics nodeNics;
    private final Sandboxes sandboxes;
    private final InterfaceDrivers wirings;
    private final InstantSource clock;
    private final Duration restingTime;
    private final JsonMapper json = JsonMapper.builder().build();
    private final KeyedLock<AttachmentKey> turns = new KeyedLock<>();

    /// @param restingTime see [AddressRequest]
    /// @param pluginTimeout after which an executed plugin is killed
    /// @param pluginPath where plugins are beside the directories of CNI_PATH
    public record Settings(String bootId, Duration restingTime, Duration pluginTimeout, List<String> pluginPath) {
        public Settings {
            pluginPath = List.copyOf(pluginPath);
        }
    }

    public AttachmentService(
            AllocationStore store,
            CurrentPlan currentPlan,
            NodeNics nodeNics,
            Kernel kernel,
            InstantSource clock,
            Settings settings) {
        this.store = store;
        this.currentPlan = currentPlan;
        this.nodeNics = nodeNics;
        this.sandboxes = new Sandboxes(kernel, settings.bootId());
        this.wirings =
                new InterfaceDrivers(kernel, new PluginProcess(json, settings.pluginTimeout(), settings.pluginPath()));
        this.clock = clock;
        this.restingTime = settings.restingTime();
    }

    /// Attaches all interfaces or none. Asking again for what is attached already gives the same result.
    public AttachmentResult attach(AttachRequest request) {
        return turns.take(request.key(), () -> {
            try (OpenSandbox sandbox = sandboxes.open(request.netns())) {
                var existing = store.find(request.key());
                if (existing.isPresent()) {
                    var answer = settle(read(existing.get()), request, sandbox);
                    if (answer.isPresent()) {
                        return answer.get();
                    }
                }
                return attachAnew(request, sandbox);
            }
        });
    }

    /// Decides about what is recorded under the key: it is the answer, or in the way, or goes.
    private Optional<AttachmentResult> settle(RecordedAttachment recorded, AttachRequest request, OpenSandbox sandbox) {
        var attachment = recorded.attachment();
        if (attachment.state() == Attachment.State.DETACHING) {
            finishDetaching(recorded, request.netns());
            return Optional.empty();
        }
        var result = recorded.complete();
        boolean sameSandbox = sandbox.identity()
                .identity()
                .equals(attachment.intent().sandbox().identity());
        if (result.isPresent() && sameSandbox) {
            if (!attachment.intent().fingerprint().equals(request.fingerprint())) {
                throw new MultiNicException(
                        ErrorCode.ATTACHMENT_DIFFERS,
                        "attachment " + request.key() + " exists with another configuration (network "
                                + attachment.intent().network() + "); delete it first");
            }
            if (defects(recorded, sandbox, result.get()).isEmpty()) {
                return result;
            }
        }
        undo(recorded, request.netns());
        return Optional.empty();
    }

    private AttachmentResult attachAnew(AttachRequest request, OpenSandbox sandbox) {
        var planned = AttachmentPlanner.plan(request, currentPlan.plan(), nodeNics.nics());
        wirings.requirePresent(planned.plan().wiring());
        requireFreeNames(planned.plan(), sandbox);
        var intent = new Intent(
                request.key(),
                request.network(),
                sandbox.identity(),
                request.pod(),
                request.fingerprint(),
                json.writeValueAsString(planned.plan()));
        var addresses = new AddressRequest(
                request.network(), request.pod(), planned.demands(), request.wanted(), clock.instant(), restingTime);
        return switch (store.begin(intent, addresses)) {
            case BeginResult.Recorded recorded -> complete(read(recorded.attachment()), sandbox);
            case BeginResult.Refused refused -> throw refusal(refused.refusal());
            case BeginResult.Deleted deleted ->
                throw new MultiNicException(
                        ErrorCode.ATTACHMENT_DELETED,
                        "attachment " + deleted.key() + " was deleted at " + deleted.at()
                                + " and must not come back; make a new sandbox");
            case BeginResult.NotRestored() -> throw notRestored();
            case BeginResult.Existing existing ->
                throw new IllegalStateException(existing.attachment().key() + " was begun by somebody else");
        };
    }

    /// Recorded before, a link of that name would be taken for ours, and removed.
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

    private AttachmentResult complete(RecordedAttachment recorded, OpenSandbox sandbox) {
        try {
            var result = makeInterfaces(recorded, sandbox);
            store.attached(recorded.attachment().key(), json.writeValueAsString(result));
            return result;
        } catch (RuntimeException failure) {
            try {
                undo(recorded, sandbox.path());
            } catch (RuntimeException undoing) {
                failure.addSuppressed(undoing);
                log.atWarn()
                        .setMessage("attachment cannot be undone; it stays recorded and is tried again")
                        .addKeyValue("attachment", recorded.attachment().key())
                        .setCause(undoing)
                        .log();
            }
            throw failure;
        }
    }

    private AttachmentResult makeInterfaces(RecordedAttachment recorded, OpenSandbox sandbox) {
        var interfaces = recorded.interfaces();
        var attached = recorded.driver(wirings).attach(sandbox, interfaces);
        PodRoutesApplier.apply(recorded.routedVeth(), recorded.routes(), sandbox, interfaces);
        List<AttachmentResult.AttachedAddress> addresses = new ArrayList<>();
        for (int i = 0; i < interfaces.size(); i++) {
            for (var address : attached.addresses().get(i)) {
                addresses.add(new AttachmentResult.AttachedAddress(i, address, null));
            }
        }
        var links = new ArrayList<>(attached.interfaces());
        links.addAll(attached.hostEnds());
        var plan = recorded.plan();
        return new AttachmentResult(
                links, addresses, recorded.routes(), plan == null ? json.createObjectNode() : plan.dns());
    }

    /// Detaches by the record. Unknown, deleted already, without a namespace: all the same, it is gone afterwards.
    ///
    /// @param netns what CNI_NETNS is now; may be empty
    public void detach(AttachmentKey key, String netns) {
        turns.take(key, () -> {
            var attachment = store.find(key);
            if (attachment.isPresent()) {
                store.detaching(key);
                finishDetaching(read(attachment.get()), netns);
            } else {
                store.detached(key, clock.instant());
            }
            return key;
        });
    }

    private void finishDetaching(RecordedAttachment recorded, String netns) {
        removeInterfaces(recorded, netns);
        store.detached(recorded.attachment().key(), clock.instant());
    }

    private void undo(RecordedAttachment recorded, String netns) {
        removeInterfaces(recorded, netns);
        store.undone(recorded.attachment().key(), clock.instant());
    }

    private void removeInterfaces(RecordedAttachment recorded, String netns) {
        var sandbox = sandboxes.reopen(recorded.attachment().intent().sandbox(), netns);
        try {
            recorded.driver(wirings).detach(sandbox, recorded.interfaces());
        } finally {
            sandbox.ifPresent(OpenSandbox::close);
        }
    }

    /// @throws MultiNicException ATTACHMENT_BROKEN naming everything that is not as it was attached
    public void check(AttachmentKey key, String netns) {
        turns.take(key, () -> {
            var recorded = store.find(key).map(this::read);
            var result = recorded.flatMap(RecordedAttachment::complete);
            if (recorded.isEmpty() || result.isEmpty()) {
                throw broken(key, List.of("it is not recorded as attached"));
            }
            try (OpenSandbox sandbox = sandboxes.open(netns)) {
                var intended = recorded.get().attachment().intent().sandbox();
                var defects = sandbox.identity().identity().equals(intended.identity())
                        ? defects(recorded.get(), sandbox, result.get())
                        : List.of("CNI_NETNS is another namespace than the one attached, " + intended.path());
                if (!defects.isEmpty()) {
                    throw broken(key, defects);
                }
            }
            return key;
        });
    }

    /// The addresses that were answered for an attachment, with their prefix lengths; empty if it is unknown.
    public List<String> addresses(AttachmentKey key) {
        return store.find(key).map(this::read).flatMap(RecordedAttachment::complete).stream()
                .flatMap(result -> result.addresses().stream())
                .map(attached -> attached.address().toString())
                .toList();
    }

    private static MultiNicException broken(AttachmentKey key, List<String> defects) {
        return new MultiNicException(
                ErrorCode.ATTACHMENT_BROKEN,
                "attachment " + key + ": " + String.join("; ", defects) + "; delete the pod to have it made anew");
    }

    private List<String> defects(RecordedAttachment recorded, OpenSandbox sandbox, AttachmentResult result) {
        var interfaces = recorded.interfaces();
        List<String> defects = new ArrayList<>(recorded.driver(wirings).defects(sandbox, interfaces, result));
        if (defects.isEmpty()) {
            defects.addAll(PodRoutesApplier.missing(recorded.routedVeth(), recorded.routes(), sandbox, interfaces));
        }
        return defects;
    }

    /// Detaches every complete attachment of `network` that is not among `valid`; like DEL of each (CNI spec 1.1, GC).
    ///
    /// @return those that went
    public List<AttachmentKey> collectGarbage(String network, Set<AttachmentKey> valid) {
        List<AttachmentKey> stale = store.attachments().stream()
                .filter(attachment -> attachment.intent().network().equals(network))
                .filter(attachment -> attachment.state() == Attachment.State.ATTACHED)
                .map(Attachment::key)
                .filter(key -> !valid.contains(key))
                .toList();
        stale.forEach(key -> detach(key, ""));
        return stale;
    }

    /// All that is recorded, the oldest first.
    public List<Attachment> all() {
        return store.attachments();
    }

    /// Whether the namespace of an attachment is no more; false if it was never known.
    public boolean sandboxGone(Attachment attachment) {
        Sandbox recorded = attachment.intent().sandbox();
        return !recorded.equals(Sandbox.UNKNOWN) && sandboxes.gone(recorded);
    }

    /// Detaches what nobody else will, like DEL without a namespace.
    ///
    /// @return false if it is gone already, or its namespace is there
    public boolean reclaim(AttachmentKey key) {
        return turns.take(key, () -> {
            var attachment = store.find(key).filter(this::sandboxGone);
            if (attachment.isEmpty()) {
                return false;
            }
            store.detaching(key);
            finishDetaching(read(attachment.get()), "");
            return true;
        });
    }

    private static MultiNicException notRestored() {
        return new MultiNicException(
                ErrorCode.TRY_AGAIN_LATER,
                "the journal of this node is new and ipam-service has not yet said which addresses are held here; check"
                        + " that ipam-service runs and that this agent reaches it");
    }

    /// @throws MultiNicException TRY_AGAIN_LATER or INTERNAL if ADD cannot work now
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

    /// Undoes what was begun and finishes what was being deleted when the agent ended; to run before any other call.
    ///
    /// @return attachments that could not be cleaned up; they stay recorded
    public List<AttachmentKey> recover() {
        List<AttachmentKey> left = new ArrayList<>();
        for (Attachment attachment : store.attachments()) {
            if (attachment.state() != Attachment.State.ATTACHED && !recovered(attachment)) {
                left.add(attachment.key());
            }
        }
        return left;
    }

    private boolean recovered(Attachment attachment) {
        try {
            if (attachment.state() == Attachment.State.INTENT) {
                undo(read(attachment), "");
            } else {
                finishDetaching(read(attachment), "");
            }
            log.atInfo()
                    .setMessage("cleaned up after a crash")
                    .addKeyValue("attachment", attachment.key())
                    .addKeyValue("state", attachment.state())
                    .log();
            return true;
        } catch (RuntimeException e) {
            log.atError()
                    .setMessage("attachment cannot be cleaned up; DEL tries again")
                    .addKeyValue("attachment", attachment.key())
                    .setCause(e)
                    .log();
            return false;
        }
    }

    private RecordedAttachment read(Attachment attachment) {
        return RecordedAttachment.read(attachment, json);
    }

    @Override
    public void close() {
        wirings.close();
    }
}
