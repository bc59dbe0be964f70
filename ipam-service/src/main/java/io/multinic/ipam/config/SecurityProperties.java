package io.multinic.ipam.config;

import io.multinic.ipam.security.Role;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of tokens and roles. Two modes: with `keys`, tokens signed with one of these keys are trusted; without,
/// those of a Kubernetes API server.
///
/// @param enabled false: no token is required; default: true if `issuer` or `keys` is set
/// @param audience required audience of tokens
/// @param issuer required issuer. If empty: the API server's own name; with `keys`, any issuer
/// @param jwksUri key set of the API server
/// @param jwksTokenFile token to read it with; default: that of the service account, unless `jwksUri` is set
/// @param jwksCa CA certificate of its server; same default
/// @param keys a PEM file of public keys, or a directory of `*.pem`
@ConfigurationProperties("multi-nic.ipam.security")
public record SecurityProperties(
        @Nullable Boolean enabled,
        @DefaultValue("multi-nic-ipam") String audience,
        @DefaultValue("") String issuer,
        @Nullable URI jwksUri,
        @Nullable Path jwksTokenFile,
        @Nullable Path jwksCa,
        @Nullable Path keys,
        @DefaultValue Roles roles) {
    private static final URI API_SERVER = URI.create("https://kubernetes.default.svc/openid/v1/jwks");
    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /// Subjects of tokens by role, such as `system:serviceaccount:multi-nic:multi-nic-controller`.
    public record Roles(
            @DefaultValue List<String> controller,
            @DefaultValue List<String> agent,
            @DefaultValue List<String> reader,
            @DefaultValue List<String> admin) {
        Map<Role, List<String>> subjects() {
            var subjects = new EnumMap<Role, List<String>>(Role.class);
            subjects.put(Role.CONTROLLER, controller);
            subjects.put(Role.AGENT, agent);
            subjects.put(Role.READER, reader);
            subjects.put(Role.ADMIN, admin);
            return subjects;
        }
    }

    boolean on() {
        return enabled != null ? enabled : keys != null || !issuer.isEmpty();
    }

    /// Returns true for the cluster's own API server. No other key server gets the service account's token by
    /// default.
    boolean isOwnApiServer() {
        return jwksUri == null || API_SERVER.getHost().equals(jwksUri.getHost());
    }

    URI keyServer() {
        return jwksUri == null ? API_SERVER : jwksUri;
    }

    @Nullable
    Path keyServerToken() {
        return jwksTokenFile == null && isOwnApiServer() ? SERVICE_ACCOUNT.resolve("token") : jwksTokenFile;
    }

    @Nullable
    Path keyServerCa() {
        return jwksCa == null && isOwnApiServer() ? SERVICE_ACCOUNT.resolve("ca.crt") : jwksCa;
    }
}
