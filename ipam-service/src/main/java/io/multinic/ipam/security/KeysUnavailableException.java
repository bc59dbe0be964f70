package io.multinic.ipam.security;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.JwtException;

/// Failure to verify a token because the issuer's keys are unavailable; the token is not rejected.
public final class KeysUnavailableException extends JwtException {
    private static final long serialVersionUID = 1L;

    public KeysUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
