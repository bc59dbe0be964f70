package io.multinic.ipam.security;

/// Whether a request may go on.
public sealed interface AccessDecision {
    /// It may.
    record Granted() implements AccessDecision {}

    /// Nobody knows who asks.
    record Unauthenticated() implements AccessDecision {}

    /// @param reason names who asks, what is missing and the remedy
    record Denied(String reason) implements AccessDecision {}
}
