package io.multinic.agent.attach;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.Decision;
import io.multinic.agent.attach.driver.InterfaceDrivers;
import io.multinic.agent.attach.driver.OpenSandbox;
import io.multinic.agent.attach.plan.AttachRequest;
import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentPlanner;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.BeginResult;
import io.multinic.agent.journal.Intent;
import io.multinic.agent.select.NicUse;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Plans attachments and records their intents, from which they can be undone: the first step of ADD.
final class IntentRecorder {
    private final AllocationStore store;
    private final PlanningSources sources;
    private final HostDevices hostDevices;
    private final InterfaceDrivers drivers;
    private final InstantSource clock;
    private final Duration restingTime;
    private final JsonMapper json = JsonMapper.builder().build();
    private final NicUsage nicUsage;

    /// @param restingTime see [AddressRequest]
    IntentRecorder(
            AllocationStore store,
            PlanningSources sources,
            HostDevices hostDevices,
            InterfaceDrivers drivers,
            InstantSource clock,
            Duration restingTime) {
        this.store = store;
        this.sources = sources;
        this.hostDevices = hostDevices;
        this.drivers = drivers;
        this.clock = clock;
        this.restingTime = restingTime;
        this.nicUsage = new NicUsage(store, json);
    }

    /// An attachment whose interfaces do not exist yet.
    record Recorded(Attachment attachment, AttachmentPlan plan) {}

    private record Begin(AttachmentPlan plan, BeginResult result) {}

    /// @throws MultiNicException if the request cannot be planned, or its addresses are refused
    Recorded record(AttachRequest request, OpenSandbox sandbox) {
        var policy = request.nics().policy();
        Begin begin = policy.reservesBandwidth() || policy.needsTopology()
                ? nicUsage.select(use -> begin(request, sandbox, use))
                : begin(request, sandbox, Map.of());
        return switch (begin.result()) {
            case BeginResult.Recorded recorded -> new Recorded(recorded.attachment(), begin.plan());
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

    private Begin begin(AttachRequest request, OpenSandbox sandbox, Map<String, NicUse> use) {
        var planned = AttachmentPlanner.plan(request, sources.facts(request, use, hostDevices));
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

    /// Succeeds if an attachment can be planned and recorded now.
    ///
    /// @throws MultiNicException TRY_AGAIN_LATER otherwise
    void requireReady() {
        if (!store.restored()) {
            throw notRestored();
        }
        if (sources.plan().plan().isEmpty()) {
            throw new MultiNicException(
                    ErrorCode.TRY_AGAIN_LATER,
                    "this node has no plan yet: ipam-service has not sent one; check that ipam-service and"
                            + " controller-service run");
        }
    }

    private static MultiNicException refusal(Decision.Refusal refusal) {
        var code = switch (refusal) {
            case Decision.BlockFull full -> ErrorCode.BLOCK_FULL;
            case Decision.AddressUnavailable unavailable -> ErrorCode.ADDRESS_UNAVAILABLE;
        };
        return new MultiNicException(code, refusal.message());
    }

    private static MultiNicException notRestored() {
        return new MultiNicException(
                ErrorCode.TRY_AGAIN_LATER,
                "the journal of this node is new and ipam-service has not yet said which addresses are held here; check"
                        + " that ipam-service runs and that this agent reaches it");
    }
}
