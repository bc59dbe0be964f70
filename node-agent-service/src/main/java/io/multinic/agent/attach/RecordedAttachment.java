package io.multinic.agent.attach;

import io.multinic.agent.attach.driver.InterfaceDriver;
import io.multinic.agent.attach.driver.InterfaceDrivers;
import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.InterfaceNames;
import io.multinic.agent.attach.plan.IpamRoute;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.journal.Attachment;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.Allocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// An attachment of the store together with what its texts say.
///
/// @param plan null if only the ledger knew the attachment: then there are names and addresses, and nothing else
/// @param result null if it is not complete
record RecordedAttachment(
        Attachment attachment,
        @Nullable AttachmentPlan plan,
        @Nullable AttachmentResult result) {
    static RecordedAttachment read(Attachment attachment, JsonMapper json) {
        String detail = attachment.intent().detail();
        String result = attachment.result();
        return new RecordedAttachment(
                attachment,
                detail.isEmpty() ? null : json.readValue(detail, AttachmentPlan.class),
                result == null || result.isEmpty() ? null : json.readValue(result, AttachmentResult.class));
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
                        InterfaceNames.hostEnd(attachment.key(), index(name)),
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

    List<IpamRoute> routes() {
        return plan == null ? List.of() : plan.routes();
    }

    boolean routedVeth() {
        return plan != null && plan.wiring() instanceof DriverConfig.RoutedVeth;
    }

    InterfaceDriver driver(InterfaceDrivers wirings) {
        return plan == null ? wirings.anyLink() : wirings.driver(plan.wiring(), attachment, result);
    }

    Optional<AttachmentResult> complete() {
        return attachment.state() == Attachment.State.ATTACHED ? Optional.ofNullable(result) : Optional.empty();
    }
}
