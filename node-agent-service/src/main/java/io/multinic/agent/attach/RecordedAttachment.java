package io.multinic.agent.attach;

import io.multinic.agent.attach.driver.InterfaceDrivers;
import io.multinic.agent.attach.driver.InterfaceRemover;
import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.InterfaceNames;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.journal.Attachment;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.Allocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// An attachment of the journal with its parsed plan and result.
///
/// @param plan null if the attachment was restored from the ledger, which knows names and addresses only
/// @param result null if the attachment is not complete
record RecordedAttachment(
        Attachment attachment,
        @Nullable AttachmentPlan plan,
        @Nullable AttachmentResult result) {
    /// An attachment whose interfaces were created as planned.
    record Complete(Attachment attachment, AttachmentPlan plan, AttachmentResult result) {
        List<PodInterface> interfaces() {
            return plan.interfaces(attachment.allocations());
        }
    }

    static RecordedAttachment read(Attachment attachment, JsonMapper json) {
        String detail = attachment.intent().detail();
        String result = attachment.result();
        return new RecordedAttachment(
                attachment,
                detail.isEmpty() ? null : json.readValue(detail, AttachmentPlan.class),
                result == null || result.isEmpty() ? null : json.readValue(result, AttachmentResult.class));
    }

    Optional<Complete> complete() {
        return attachment.state() == Attachment.State.ATTACHED && plan != null && result != null
                ? Optional.of(new Complete(attachment, plan, result))
                : Optional.empty();
    }

    List<PodInterface> interfaces() {
        return plan == null ? byAllocations() : plan.interfaces(attachment.allocations());
    }

    private List<PodInterface> byAllocations() {
        List<PodInterface> interfaces = new ArrayList<>();
        for (Allocation allocation : attachment.allocations()) {
            String name = allocation.podInterface();
            if (interfaces.stream().noneMatch(known -> known.name().equals(name))) {
                interfaces.add(new PodInterface(
                        name,
                        allocation.nic(),
                        InterfaceNames.hostEnd(
                                attachment.key(), name.equals(attachment.key().ifName()) ? 0 : index(name)),
                        new Cidr(
                                allocation.address(),
                                allocation.address().family().bits()),
                        List.of()));
            }
        }
        return interfaces;
    }

    private static int index(String podInterface) {
        String digits = podInterface.substring(podInterface.lastIndexOf('-') + 1);
        return digits.matches("\\d{1,4}") ? Integer.parseInt(digits) : 0;
    }

    /// The plugin that is executed for the attachment; empty for a built-in driver.
    Optional<NetworkPlugin> plugin() {
        return plan != null && plan.driver() instanceof DriverConfig.Executed executed
                ? Optional.of(NetworkPlugin.of(attachment.intent().network(), executed))
                : Optional.empty();
    }

    InterfaceRemover remover(InterfaceDrivers drivers) {
        return plan == null ? drivers.byName() : drivers.driver(plan.driver(), attachment, result);
    }
}
