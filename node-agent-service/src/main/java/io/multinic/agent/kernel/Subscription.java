package io.multinic.agent.kernel;

/// A subscription to kernel events; after `close` has returned, the listener is not called any more.
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
