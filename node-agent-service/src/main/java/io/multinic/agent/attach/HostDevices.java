package io.multinic.agent.attach;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.nic.MovedNic;
import io.multinic.agent.nic.ReturnedNics;
import io.multinic.agent.nic.ReturnedNics.Mover;
import io.multinic.contract.error.MultiNicException;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// NICs that the plugin host-device moves into pods: records them before the move and restores them after it.
final class HostDevices {
    private static final Logger log = LoggerFactory.getLogger(HostDevices.class);

    private final AllocationStore store;
    private final ReturnedNics nics;
    private final Predicate<Attachment> sandboxGone;

    HostDevices(AllocationStore store, ReturnedNics nics, Predicate<Attachment> sandboxGone) {
        this.store = store;
        this.nics = nics;
        this.sandboxGone = sandboxGone;
    }

    /// Records the NICs that this attachment moves; called after the intent is recorded, since NICs without an
    /// attachment are restored.
    void moving(AttachmentKey key, AttachmentPlan plan) {
        if (plan.driver() instanceof DriverConfig.Executed executed && movesNics(plan)) {
            plan.interfaces()
                    .forEach(planned -> nics.moving(
                            device(executed.config(), planned.nic()),
                            new Mover(key.containerId(), key.ifName(), planned.name())));
        }
    }

    private static boolean movesNics(@Nullable AttachmentPlan plan) {
        return plan != null
                && plan.driver() instanceof DriverConfig.Executed executed
                && executed.type().equals("host-device");
    }

    /// The link that the plugin moves, by the keys of its configuration in the plugin's order.
    private static Predicate<Link> device(ObjectNode config, String nic) {
        String device = config.path("device").asString("");
        String hardware = config.path("hwaddr").asString("");
        String pci = config.path("pciBusID").asString(config.path("deviceID").asString(""));
        if (!device.isEmpty()) {
            return link -> link.name().equals(device);
        }
        if (!hardware.isEmpty()) {
            return link -> link.address() != null && link.address().text().equalsIgnoreCase(hardware);
        }
        if (!pci.isEmpty()) {
            return link -> link.parentDevice().equals(pci);
        }
        return link -> link.name().equals(nic);
    }

    /// Restores the NICs that an attachment has moved, after it was removed.
    void returned(@Nullable AttachmentPlan plan) {
        if (!movesNics(plan)) {
            return;
        }
        try {
            restore();
        } catch (MultiNicException e) {
            // The attachment is removed; the loop of the NICs repeats the restoration.
            log.atWarn().setCause(e).log("NICs that were in pods cannot be looked up; retried");
        }
    }

    /// Restores all NICs that were in pods and are on the node again.
    void restore() {
        nics.restore(this::inUse);
    }

    private boolean inUse(MovedNic moved) {
        return attachment(moved).filter(sandboxGone.negate()).isPresent();
    }

    private Optional<Attachment> attachment(MovedNic moved) {
        return store.find(new AttachmentKey(moved.containerId(), moved.ifName()));
    }

    /// Reason why a NIC is not on the node: the pod that has it.
    Optional<String> obstacle(String nic) {
        return nics.recorded(nic)
                .flatMap(this::attachment)
                .map(attachment -> "is in pod " + attachment.intent().pod() + ", moved there by host-device");
    }
}
