package io.multinic.ipam.security;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.Jwt;

/// Validator of a token's claims, besides its signature: audience, issuer, validity period and subject.
public final class TokenValidator implements OAuth2TokenValidator<Jwt> {
    /// Tolerated difference between two clocks.
    static final Duration SKEW = Duration.ofSeconds(30);

    private final IssuerSource issuer;
    private final String audience;
    private final InstantSource clock;

    /// Source of the trusted issuer.
    @FunctionalInterface
    public interface IssuerSource {
        /// Trusted issuer; null if any issuer with a trusted key is accepted.
        ///
        /// @throws KeysUnavailableException if it is unknown now
        @Nullable
        String issuer();
    }

    public TokenValidator(IssuerSource issuer, String audience, InstantSource clock) {
        this.issuer = issuer;
        this.audience = audience;
        this.clock = clock;
    }

    @Override
    public OAuth2TokenValidatorResult validate(Jwt token) {
        String fault = fault(token);
        return fault == null
                ? OAuth2TokenValidatorResult.success()
                : OAuth2TokenValidatorResult.failure(new OAuth2Error(OAuth2ErrorCodes.INVALID_TOKEN, fault, null));
    }

    private @Nullable String fault(Jwt token) {
        String trusted = issuer.issuer();
        String from = token.getClaimAsString("iss");
        if (trusted != null && !trusted.equals(from)) {
            return "the token is from issuer " + from + "; ipam-service takes those of " + trusted;
        }
        var audiences = token.getAudience();
        if (audiences == null || !audiences.contains(audience)) {
            return "the token is for audience " + (audiences == null ? "none" : String.join(", ", audiences))
                    + "; ask for one for " + audience;
        }
        Instant now = clock.instant();
        Instant expiry = token.getExpiresAt();
        if (expiry == null) {
            return "the token has no expiry; ask for one that ends";
        }
        if (!now.minus(SKEW).isBefore(expiry)) {
            return "the token expired at " + expiry + "; it is " + now + " here: use a new one, or set the clock right";
        }
        Instant begin = token.getNotBefore();
        if (begin != null && now.plus(SKEW).isBefore(begin)) {
            return "the token counts from " + begin + " on; it is " + now + " here: set the clock right";
        }
        return token.getSubject() == null || token.getSubject().isBlank() ? "the token names no subject" : null;
    }
}
