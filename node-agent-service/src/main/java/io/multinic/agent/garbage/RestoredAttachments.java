package io.multinic.agent.garbage;

import io.multinic.agent.attach.Failures;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The proof that stands for a missing sandbox where the sandbox is unknown, which is so for attachments that a new
/// journal received from the ledger: no network namespace of this boot has an address of the attachment.
final class RestoredAttachments {
    private static final Logger log = LoggerFactory.getLogger(RestoredAttachments.class);

    private final AddressHolders namespaces;
    private final Set<AttachmentKey> reported = new HashSet<>();

    RestoredAttachments(AddressHolders namespaces) {
        this.namespaces = namespaces;
    }

    /// Restored attachments, divided.
    ///
    /// @param unheld those with no address in a namespace
    /// @param held the others, with the name of a namespace that has an address of them
    record Division(List<Attachment> unheld, Map<Attachment, String> held) {}

    /// Reads all namespaces if there is a restored attachment. If one cannot be read, nothing is proven: neither list
    /// has an attachment.
    Division divide(List<Attachment> restored, Failures failures) {
        List<Attachment> unheld = new ArrayList<>();
        Map<Attachment, String> held = new HashMap<>();
        if (!restored.isEmpty()) {
            failures.attempt("network namespaces of this node", () -> {
                Map<IpAddress, String> holders = namespaces.holders();
                for (Attachment attachment : restored) {
                    holder(attachment, holders)
                            .ifPresentOrElse(name -> held.put(attachment, name), () -> unheld.add(attachment));
                }
            });
        }
        return new Division(unheld, held);
    }

    private static Optional<String> holder(Attachment attachment, Map<IpAddress, String> holders) {
        return attachment.allocations().stream()
                .map(Allocation::address)
                .filter(holders::containsKey)
                .map(address -> address + " in " + holders.get(address))
                .findFirst();
    }

    /// Reports attachments without a pod whose addresses a namespace has, each once.
    ///
    /// @param podless attachments whose pods are gone
    /// @return their number
    int report(Map<Attachment, String> held, Set<AttachmentKey> podless) {
        reported.retainAll(podless);
        Map<Attachment, String> kept = new HashMap<>(held);
        kept.keySet().removeIf(attachment -> !podless.contains(attachment.key()));
        kept.forEach((attachment, holder) -> {
            if (reported.add(attachment.key())) {
                log.atWarn()
                        .addKeyValue("attachment", attachment.key())
                        .addKeyValue("pod", attachment.intent().pod())
                        .addKeyValue("address", holder)
                        .log("pod of an attachment from the ledger is gone, but a network namespace has its address;"
                                + " the attachment is kept until that namespace ends");
            }
        });
        return kept.size();
    }
}
