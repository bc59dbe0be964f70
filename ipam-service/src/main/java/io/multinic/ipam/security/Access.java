package io.multinic.ipam.security;

/// Whether a request may go on.
public sealed interface Access {
    /// It may.
    record Granted() implements Access {}

    /// Nobody knows who asks.
    record Unauthenticated() implements Access {}

    /// @param reason names who asks, what is missing and the remedy
    record Denied(String reason) implements Access {}
}
