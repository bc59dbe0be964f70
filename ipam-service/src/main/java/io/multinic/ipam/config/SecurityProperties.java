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

/// Whose tokens count, and for what. Two modes: with `keys` those of whoever holds the private keys, else
/// those of a Kubernetes API server.
///
/// @param enabled false: everybody may do everything; default: true where `issuer` or `keys` is set
/// @param audience a token must be made for it
/// @param issuer of tokens. Empty in Kubernetes mode: the API server is asked for its name; with `keys`:
///     any
/// @param jwksUri where the API server publishes its keys
/// @param jwksTokenFile the token with which it is asked; default: that of our own service account, where
///     `jwksUri` is not set
/// @param jwksCa what vouches for it, likewise
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

    /// The subjects of tokens, such as `system:serviceaccount:multi-nic:multi-nic-controller`, that have a
    /// role.
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

    /// A key server that is not the cluster's own API server never gets our service account's token
    /// unasked.
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
