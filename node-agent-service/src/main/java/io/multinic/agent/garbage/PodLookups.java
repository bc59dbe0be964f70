package io.multinic.agent.garbage;

import io.multinic.agent.attach.Failures;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Look-ups of the pods of many attachments, one after the other.
///
/// One that fails does not stop the others. Several failures in sequence mean that the API server is away: then the
/// round ends, because each further look-up could take as long. Pods whose look-up has failed come last in the next
/// round, so that they do not end it before the others were looked up.
final class PodLookups {
    /// Failures in sequence that end a round.
    private static final int FAILURES_MAX = 3;

    private final PodLookup pods;
    private final Set<AttachmentKey> failed = new HashSet<>();

    PodLookups(PodLookup pods) {
        this.pods = pods;
    }

    /// The attachments whose pods are gone. An attachment that was not looked up, or without an answer, is not among
    /// them.
    Set<AttachmentKey> withoutPod(List<Attachment> attachments, Failures failures) {
        List<Attachment> ordered = new ArrayList<>(attachments);
        ordered.sort(Comparator.comparing(attachment -> failed.contains(attachment.key())));
        failed.retainAll(attachments.stream().map(Attachment::key).toList());
        Set<AttachmentKey> gone = new HashSet<>();
        int inSequence = 0;
        for (Attachment attachment : ordered) {
            AttachmentKey key = attachment.key();
            boolean answered = failures.attempt("pod " + attachment.intent().pod() + " of attachment " + key, () -> {
                if (pods.gone(attachment.intent().pod())) {
                    gone.add(key);
                }
            });
            if (answered) {
                failed.remove(key);
            } else {
                failed.add(key);
            }
            inSequence = answered ? 0 : inSequence + 1;
            if (inSequence == FAILURES_MAX) {
                break;
            }
        }
        return gone;
    }
}
