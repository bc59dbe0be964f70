package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;

/// Formats failed requests to the API server for messages.
public final class ApiServerErrors {
    private ApiServerErrors() {}

    /// The API server's own message, or the innermost cause if there was no answer, in one line.
    public static String reason(KubernetesClientException e) {
        Throwable cause = e.getCause();
        if (e.getStatus() != null || cause == null) {
            return String.valueOf(e.getMessage());
        }
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
