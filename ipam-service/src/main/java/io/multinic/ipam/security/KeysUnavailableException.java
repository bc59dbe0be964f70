package io.multinic.ipam.security;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.JwtException;

/// Whether a token counts cannot be told now: that is no refusal.
public final class KeysUnavailableException extends JwtException {
    private static final long serialVersionUID = 1L;

    public KeysUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
