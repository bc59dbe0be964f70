package io.multinic.agent.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The agent's own garbage collection.
///
/// @param garbageInterval how often sandboxes are looked at
/// @param garbageWait how long an attachment must be without sandbox and pod before it is detached
@ConfigurationProperties("multi-nic.agent")
public record GarbageProperties(
        @DefaultValue("15s") Duration garbageInterval,
        @DefaultValue("30s") Duration garbageWait) {}
