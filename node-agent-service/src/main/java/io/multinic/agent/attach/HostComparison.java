package io.multinic.agent.attach;

import io.multinic.agent.attach.driver.AttachmentObserver;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.state.HostDeviations;
import io.multinic.agent.attach.state.ObservedHost;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Compares the node's side of all attachments in one look, so that an event on the node does not lead to a look into
/// every pod.
final class HostComparison {
    private HostComparison() {}

    static Set<AttachmentKey> deviating(List<Attachment> attachments, AttachmentObserver observer, JsonMapper json) {
        List<RecordedAttachment.Complete> routed = new ArrayList<>();
        Set<AttachmentKey> deviating = new HashSet<>();
        for (Attachment attachment : attachments) {
            try {
                RecordedAttachment.read(attachment, json)
                        .complete()
                        .filter(complete -> complete.plan().driver() instanceof DriverConfig.RoutedVeth)
                        .ifPresent(routed::add);
            } catch (JacksonException e) {
                // The comparison of this attachment alone reports it.
                deviating.add(attachment.key());
            }
        }
        if (routed.isEmpty()) {
            return deviating;
        }
        List<PodInterface> interfaces = new ArrayList<>();
        routed.forEach(complete -> interfaces.addAll(complete.interfaces()));
        ObservedHost host = observer.host(interfaces, false);
        for (var complete : routed) {
            if (complete.plan().driver() instanceof DriverConfig.RoutedVeth veth
                    && !HostDeviations.of(veth.table(), complete.interfaces(), host, null)
                            .isEmpty()) {
                deviating.add(complete.attachment().key());
            }
        }
        return deviating;
    }
}
