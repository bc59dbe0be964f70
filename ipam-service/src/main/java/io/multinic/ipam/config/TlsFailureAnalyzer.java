package io.multinic.ipam.config;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/// Analyzer that names the file if the certificate or its key is unusable.
final class TlsFailureAnalyzer implements FailureAnalyzer {
    /// Bean of Spring Boot that reads the files of all bundles.
    private static final String BUNDLES = "sslBundleRegistry";

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        Throwable root = failure;
        boolean ofBundles = false;
        while (root.getCause() != null) {
            ofBundles |= root instanceof BeanCreationException bean && BUNDLES.equals(bean.getBeanName());
            root = root.getCause();
        }
        return ofBundles
                ? new FailureAnalysis(
                        "The web server's certificate or its private key cannot be used: " + root.getMessage(),
                        "Check the PEM files that " + TlsDefaults.CERTIFICATE + " and "
                                + TlsDefaults.PRIVATE_KEY + " name: both must be there, and the key must belong"
                                + " to the first certificate.",
                        failure)
                : null;
    }
}
