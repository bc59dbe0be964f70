package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;

/// What to say of a request that the API server did not answer, or not well.
public final class ApiServerErrors {
    private ApiServerErrors() {}

    /// In one line: the API server's own words, or what kept the request from it.
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
