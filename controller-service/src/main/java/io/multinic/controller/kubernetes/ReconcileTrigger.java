package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import org.jspecify.annotations.Nullable;

/// Has all objects of a reconciler looked at again.
final class Again<P extends HasMetadata> {
    private final SimpleInboundEventSource<P> events = new SimpleInboundEventSource<>("again");
    private volatile @Nullable EventSourceContext<P> context;

    EventSource<?, P> source(EventSourceContext<P> of) {
        context = of;
        return events;
    }

    /// Nothing before the reconciler runs: it looks at all of them then.
    void all() {
        EventSourceContext<P> started = context;
        if (started != null && events.isRunning()) {
            started.getPrimaryCache().keys().forEach(events::propagateEvent);
        }
    }
}
