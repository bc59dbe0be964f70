package io.multinic.ipam.postgres;

/// An embedded PostgreSQL cannot run here; the message has the reason and the remedy.
public final class PostgresStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PostgresStartException(String message) {
        super(message);
    }

    PostgresStartException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
