package io.multinic.agent.attach.reconcile;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.contract.wire.PodRef;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// State of the node's attachments after a reconciliation.
///
/// @param attachments number of complete attachments that were compared with their records
/// @param broken those that could not be restored
/// @param repairs number of attachments repaired since the agent started
public record AttachmentsState(int attachments, Map<AttachmentKey, Broken> broken, long repairs) {
    public static final AttachmentsState NONE = new AttachmentsState(0, Map.of(), 0);

    private static final int NAMED = 5;

    public AttachmentsState {
        broken = Collections.unmodifiableMap(new LinkedHashMap<>(broken));
    }

    /// An attachment that deviates from its record.
    ///
    /// @param reason names the objects
    public record Broken(PodRef pod, String network, String reason) {}

    /// Names the first broken attachments with the remedy; empty if there is none.
    public String message() {
        if (broken.isEmpty()) {
            return "";
        }
        var text = new StringBuilder();
        broken.values().stream()
                .limit(NAMED)
                .forEach(each -> text.append(text.isEmpty() ? "" : "; ")
                        .append("pod ")
                        .append(each.pod().namespace())
                        .append('/')
                        .append(each.pod().name())
                        .append(", network ")
                        .append(each.network())
                        .append(": ")
                        .append(each.reason()));
        if (broken.size() > NAMED) {
            text.append("; and ").append(broken.size() - NAMED).append(" more");
        }
        return text.append("; restore the named objects, or delete the pods to have them made again")
                .toString();
    }
}
