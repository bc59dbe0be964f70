package io.multinic.ipam.security;

/// Decision on a request.
public sealed interface AccessDecision {
    /// The request is allowed.
    record Granted() implements AccessDecision {}

    /// The caller is unknown.
    record Unauthenticated() implements AccessDecision {}

    /// @param reason names the caller, the missing permission and the remedy
    record Denied(String reason) implements AccessDecision {}
}
