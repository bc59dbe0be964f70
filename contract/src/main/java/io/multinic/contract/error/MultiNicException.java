package io.multinic.contract.error;

import org.jspecify.annotations.Nullable;

/// Exception for everything that is not an expected result; each edge of a process maps it to its own form of error.
///
/// The message names the object, the value and, where there is one, the remedy.
public class MultiNicException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public MultiNicException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public MultiNicException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
