package io.multinic.lab.process;

import org.jspecify.annotations.Nullable;

/// A failure of the lab. The message names the process or object, and its log if there is one.
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
