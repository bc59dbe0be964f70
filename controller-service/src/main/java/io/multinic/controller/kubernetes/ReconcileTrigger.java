package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import org.jspecify.annotations.Nullable;

/// Event source that makes a reconciler reconcile all its objects on request.
public final class ReconcileTrigger<P extends HasMetadata> {
    private final SimpleInboundEventSource<P> events = new SimpleInboundEventSource<>("again");
    private volatile @Nullable EventSourceContext<P> context;

    /// Binds this trigger to a reconciler, in its `prepareEventSources`.
    public EventSource<?, P> source(EventSourceContext<P> reconcilerContext) {
        context = reconcilerContext;
        return events;
    }

    /// Schedules all objects. Does nothing before the reconciler runs, because its start reconciles all of them.
    public void reconcileAll() {
        EventSourceContext<P> bound = context;
        if (bound != null && events.isRunning()) {
            bound.getPrimaryCache().keys().forEach(events::propagateEvent);
        }
    }
}
