package io.multinic.agent.attach;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentPlan.PlannedInterface;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Attachment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

/// The bandwidth that recorded attachments have reserved on each NIC.
///
/// Selections that reserve bandwidth run one at a time, so that each sees what the one before has reserved.
final class BandwidthReservations {
    private final AllocationStore store;
    private final JsonMapper json;
    private final ReentrantLock lock = new ReentrantLock();

    BandwidthReservations(AllocationStore store, JsonMapper json) {
        this.store = store;
        this.json = json;
    }

    /// Calls `begin`, which selects NICs and records an attachment, with the Mbit/s that are reserved by NIC.
    <T> T reserve(Function<Map<String, Long>, T> begin) {
        lock.lock();
        try {
            return begin.apply(reservedMbps());
        } finally {
            lock.unlock();
        }
    }

    private Map<String, Long> reservedMbps() {
        Map<String, Long> reserved = new HashMap<>();
        for (Attachment attachment : store.attachments()) {
            String plan = attachment.intent().detail();
            if (plan.contains(PlannedInterface.RESERVED)) {
                json.readValue(plan, AttachmentPlan.class).interfaces().forEach(planned -> {
                    Long mbps = planned.reservedMbps();
                    if (mbps != null) {
                        reserved.merge(planned.nic(), mbps, Long::sum);
                    }
                });
            }
        }
        return reserved;
    }
}
