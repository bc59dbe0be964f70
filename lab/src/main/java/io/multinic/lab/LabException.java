package io.multinic.lab;

import org.jspecify.annotations.Nullable;

/// The lab cannot go on; the message names the process or object, and the log to read where there is one.
public class LabException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LabException(String message) {
        this(message, null);
    }

    public LabException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
