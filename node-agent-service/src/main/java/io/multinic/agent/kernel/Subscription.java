package io.multinic.agent.kernel;

/// Events that go on until it is closed; after `close` has returned, the listener is not called any more.
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
