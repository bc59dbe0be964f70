package io.multinic.agent.attach;

import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Recovery at the start of the agent: incomplete attachments of an earlier run are undone, incomplete deletions are
/// finished.
///
/// Runs beside the CNI calls, because a plugin that hangs takes up to its timeout for each attachment. Only attachments
/// of the built-in drivers, which take milliseconds, are awaited for a few seconds. A call for an attachment that is
/// being recovered waits for its end; one that comes earlier does what recovery would have done.
/// Attachments that cannot be recovered stay recorded; the next call for the key or garbage collection removes them.
public final class AttachmentRecovery {
    private static final Logger log = LoggerFactory.getLogger(AttachmentRecovery.class);

    private static final Duration BUILT_IN_MAX = Duration.ofSeconds(5);

    private final AttachmentService attachments;
    private final AttachmentQueues queues;

    public AttachmentRecovery(AttachmentService attachments, AttachmentQueues queues) {
        this.attachments = attachments;
        this.queues = queues;
    }

    /// Starts the recovery and waits a few seconds for that of the built-in drivers; to be called before the first CNI
    /// call.
    public void start() {
        for (Attachment attachment : attachments.all()) {
            if (attachment.state() != Attachment.State.ATTACHED) {
                AttachmentKey key = attachment.key();
                queues.submit(attachments.pluginOf(attachment), key, () -> recover(key));
            }
        }
        try {
            queues.awaitBuiltIn(BUILT_IN_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void recover(AttachmentKey key) {
        try {
            if (attachments.settleIncomplete(key)) {
                log.atInfo().addKeyValue("attachment", key).log("attachment recovered after a crash");
            }
        } catch (RuntimeException e) {
            log.atError()
                    .addKeyValue("attachment", key)
                    .setCause(e)
                    .log("attachment cannot be recovered and stays recorded");
        }
    }
}
