package io.multinic.agent.config;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Starts the parts of the agent in the given order, and stops them in reverse order.
///
/// If a part does not start, those before it are stopped and the agent ends. If a part does not stop, the others do.
/// The phase is the last one: the agent starts after the web server of the health endpoints, and stops before it.
final class AgentLifecycle implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(AgentLifecycle.class);

    private final List<Part> parts;
    private final Deque<Started> started = new ArrayDeque<>();

    /// A part of the agent.
    ///
    /// @param start starts it and returns what stops it
    record Part(String name, Callable<AutoCloseable> start) {
        static Part of(String name, Runnable start, AutoCloseable stop) {
            return new Part(name, () -> {
                start.run();
                return stop;
            });
        }

        /// A part that is switched off.
        static Part none() {
            return new Part("none", () -> () -> {});
        }
    }

    private record Started(String name, AutoCloseable stop) {}

    AgentLifecycle(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    @Override
    public synchronized void start() {
        for (Part part : parts) {
            try {
                started.push(new Started(part.name(), part.start().call()));
            } catch (Exception e) {
                stop();
                throw e instanceof RuntimeException unchecked
                        ? unchecked
                        : new IllegalStateException(part.name() + " does not start", e);
            }
        }
    }

    @Override
    public synchronized void stop() {
        while (!started.isEmpty()) {
            Started part = started.pop();
            try {
                part.stop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                log.atWarn()
                        .addKeyValue("part", part.name())
                        .addKeyValue("reason", e)
                        .log("part of the agent does not stop");
            }
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return !started.isEmpty();
    }

    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
