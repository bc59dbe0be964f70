package io.multinic.ipam.config;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/// Defaults for HTTPS, which replaces HTTP as soon as the bundle `ipam` has a certificate.
final class TlsDefaults implements EnvironmentPostProcessor {
    static final String BUNDLE = "ipam";
    static final String CERTIFICATE = "spring.ssl.bundle.pem.ipam.keystore.certificate";
    static final String PRIVATE_KEY = "spring.ssl.bundle.pem.ipam.keystore.private-key";

    private static final Map<String, Object> DEFAULTS = Map.of(
            "server.ssl.bundle",
            BUNDLE,
            "spring.ssl.bundle.pem.ipam.reload-on-update",
            "true",
            "spring.ssl.bundle.pem.ipam.keystore.verify-keys",
            "true",
            "spring.ssl.bundle.pem.ipam.options.enabled-protocols",
            "TLSv1.3,TLSv1.2");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        if (environment.containsProperty(CERTIFICATE)) {
            environment.getPropertySources().addLast(new MapPropertySource("TLS defaults", DEFAULTS));
        }
    }
}
