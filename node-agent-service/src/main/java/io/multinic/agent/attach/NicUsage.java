package io.multinic.agent.attach;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentPlan.PlannedInterface;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.select.NicUse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

/// The use of each NIC by recorded attachments.
///
/// Selections that compare it run one at a time, so that each sees what the one before has recorded.
final class NicUsage {
    private final AllocationStore store;
    private final JsonMapper json;
    private final ReentrantLock lock = new ReentrantLock();

    NicUsage(AllocationStore store, JsonMapper json) {
        this.store = store;
        this.json = json;
    }

    /// Calls `begin`, which selects NICs and records an attachment, with the use of the NICs by name.
    <T> T select(Function<Map<String, NicUse>, T> begin) {
        lock.lock();
        try {
            return begin.apply(byNic());
        } finally {
            lock.unlock();
        }
    }

    private Map<String, NicUse> byNic() {
        Map<String, NicUse> byNic = new HashMap<>();
        for (Attachment attachment : store.attachments()) {
            String plan = attachment.intent().detail();
            if (!plan.isEmpty()) { // else restored from the ledger, without its plan
                json.readValue(plan, AttachmentPlan.class)
                        .interfaces()
                        .forEach(planned -> byNic.merge(planned.nic(), use(planned), NicUse::plus));
            }
        }
        return byNic;
    }

    private static NicUse use(PlannedInterface planned) {
        Long reserved = planned.reservedMbps();
        return new NicUse(1, reserved == null ? 0 : reserved);
    }
}
