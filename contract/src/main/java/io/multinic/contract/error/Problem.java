package io.multinic.contract.error;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An error as problem+json (RFC 9457): the part of it that a program acts on.
///
/// @param code name of an [ErrorCode]; null or another word where the answer is not one of ours
@JsonIgnoreProperties(ignoreUnknown = true)
public record Problem(
        @Nullable String code,
        @Nullable String title,
        @Nullable String detail) {
    /// Of an answer that is no problem+json.
    public static final Problem UNREADABLE = new Problem(null, null, null);

    /// The one of our codes that it carries.
    public Optional<ErrorCode> errorCode() {
        return Arrays.stream(ErrorCode.values())
                .filter(each -> each.name().equals(code))
                .findFirst();
    }

    /// The words for a person.
    public Optional<String> text() {
        return Optional.ofNullable(detail).or(() -> Optional.ofNullable(title));
    }

    // until the clients of ipam-service use contract.http
    public Optional<String> told() {
        return text();
    }

    /// What a client may conclude from an answer with this status.
    ///
    /// Only a code of ours is a refusal: a bare 404 of a proxy must not pass for "the network is gone". A
    /// refused token says nothing about the request, which is right again as soon as the token is.
    public ErrorCode meaning(int status) {
        return errorCode().filter(each -> status < 500 && !refusesToken(status) && each.kind() != ErrorKind.INTERNAL)
                .orElse(ErrorCode.TRY_AGAIN_LATER);
    }

    /// Whether the answer is about who asks and not about what is asked.
    public static boolean refusesToken(int status) {
        return status == 401 || status == 403;
    }
}
