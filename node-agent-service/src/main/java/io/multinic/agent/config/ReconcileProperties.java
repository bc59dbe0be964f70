package io.multinic.agent.config;

import io.multinic.contract.retry.Backoff;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Timing of reconcilers and retries.
///
/// @param retryFirst the first wait after a failure
/// @param retryLongest the longest wait after failures; the wait doubles up to it
/// @param resync interval of reconciliations without an event
/// @param nicSettle time in which events about NICs are collected before NICs are discovered again
/// @param attachmentRecheck interval of comparisons of every attachment with the kernel, for changes without an event
@ConfigurationProperties("multi-nic.agent")
public record ReconcileProperties(
        @DefaultValue("1s") Duration retryFirst,
        @DefaultValue("10s") Duration retryLongest,
        @DefaultValue("5m") Duration resync,
        @DefaultValue("200ms") Duration nicSettle,
        @DefaultValue("30s") Duration attachmentRecheck) {
    /// A new backoff; each loop has its own.
    Backoff backoff() {
        return new Backoff(retryFirst, retryLongest, RandomGenerator.getDefault());
    }
}
