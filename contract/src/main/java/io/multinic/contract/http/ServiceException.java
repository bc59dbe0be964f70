package io.multinic.contract.http;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A request that a service refused or did not answer. The message names the service, the request and the reason.
///
/// The code is that of the service's problem+json, or TRY_AGAIN_LATER if the same request may succeed later.
public final class ServiceException extends MultiNicException {
    private static final long serialVersionUID = 1L;

    private final Failure failure;

    /// The kinds of failure, by what the caller may conclude about the request.
    enum Kind {
        /// The request did not reach the service.
        UNREACHABLE,
        /// The request was sent and no complete answer came: the service may have executed it, or may do so still.
        NO_ANSWER,
        /// The service, or a proxy before it, answered with an error.
        ERROR_ANSWER,
        /// The service executed the request; its answer is not what was expected.
        UNREADABLE
    }

    /// @param status HTTP status; 0 without an answer
    /// @param detail text of the problem+json
    /// @param retryAfter wait that the service asks for
    record Failure(
            Kind kind,
            int status,
            @Nullable String detail,
            @Nullable Duration retryAfter) implements java.io.Serializable {
        static Failure of(Kind kind) {
            return new Failure(kind, 0, null, null);
        }
    }

    ServiceException(ErrorCode code, String message, Failure failure, @Nullable Throwable cause) {
        super(code, message, cause);
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }

    /// True if the request was sent and no complete answer came: the service may have executed it, or may do so still.
    public boolean outcomeUnknown() {
        return failure.kind() == Kind.NO_ANSWER;
    }

    /// HTTP status of the answer; 0 without one.
    public int status() {
        return failure.status();
    }

    /// The service's own text, without the name of the service and the request.
    public Optional<String> detail() {
        return Optional.ofNullable(failure.detail());
    }

    /// The wait that the service asked for by `Retry-After`.
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(failure.retryAfter());
    }
}
