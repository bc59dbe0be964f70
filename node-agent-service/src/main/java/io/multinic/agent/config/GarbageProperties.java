package io.multinic.agent.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of garbage collection.
///
/// @param garbageInterval interval of checks
/// @param garbageWait time for which an attachment must have neither sandbox nor pod before it is detached
@ConfigurationProperties("multi-nic.agent")
public record GarbageProperties(
        @DefaultValue("15s") Duration garbageInterval,
        @DefaultValue("30s") Duration garbageWait) {}
