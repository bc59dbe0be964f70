package io.multinic.contract.error;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Error as problem+json (RFC 9457), with the fields that a client uses.
///
/// @param code name of an [ErrorCode]; null or another text if the answer is not from one of our services
@JsonIgnoreProperties(ignoreUnknown = true)
public record Problem(
        @Nullable String code,
        @Nullable String title,
        @Nullable String detail) {
    /// Stands for an answer that is not problem+json.
    public static final Problem UNREADABLE = new Problem(null, null, null);

    /// The error code, if it is one of ours.
    public Optional<ErrorCode> errorCode() {
        return Arrays.stream(ErrorCode.values())
                .filter(each -> each.name().equals(code))
                .findFirst();
    }

    /// The text for a person: the detail, else the title.
    public Optional<String> text() {
        return Optional.ofNullable(detail).or(() -> Optional.ofNullable(title));
    }

    /// The error code that a client derives from an answer with this status.
    ///
    /// Only an answer with one of our codes is a refusal: a bare 404 of a proxy must not pass for "the network is
    /// gone". A refused token is transient, because the same request succeeds with a renewed token.
    public ErrorCode meaning(int status) {
        return errorCode()
                .filter(each -> status < 500 && !refusesToken(status) && each.kind() != ErrorKind.INTERNAL)
                .orElse(ErrorCode.TRY_AGAIN_LATER);
    }

    /// True if the status is about the caller's token and not about the request.
    public static boolean refusesToken(int status) {
        return status == 401 || status == 403;
    }
}
