package io.multinic.lab.trust;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.trust.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The certificates and tokens of a lab, as files of one directory. A token carries what a cluster's projected token
/// carries: subject, audience and, for an agent, the node.
public record LabTrust(Path directory) {
    public static final String ISSUER = "https://multi-nic-lab";
    public static final String AUDIENCE = "multi-nic-ipam";

    private static final Duration LIFE = Duration.ofDays(30);
    /// Who runs ipam-service and controller where they come from their images.
    private static final int IMAGE_USER = 65532;

    /// Who has a token, and what it is for.
    public enum Account {
        CONTROLLER("multi-nic-controller"),
        AGENT("multi-nic-node-agent"),
        READER("lab-reader"),
        ADMIN("lab-admin");

        private final String serviceAccount;

        Account(String serviceAccount) {
            this.serviceAccount = serviceAccount;
        }

        public String subject() {
            return "system:serviceaccount:multi-nic:" + serviceAccount;
        }
    }

    /// Makes all of it anew.
    ///
    /// @param server where ipam-service listens
    /// @param nodes those that have an agent, or may get one
    public void create(IpAddress server, List<String> nodes) {
        try {
            // Listed by whoever watches a file in it; the files are their owners'.
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            CertificateAuthority.create(ca(), directory.resolve("ca.key"))
                    .issue(List.of("IP:" + server), certificate(), certificateKey());
            forImages(certificateKey());
            var key = new TokenKey();
            Files.writeString(keys(), key.publicPem());
            for (Account account : Account.values()) {
                if (account != Account.AGENT) {
                    write(token(account), key.token(claims(account, Optional.empty())));
                }
            }
            for (String node : nodes) {
                write(agentToken(node), key.token(claims(Account.AGENT, Optional.of(node))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> claims(Account account, Optional<String> node) {
        Instant now = Instant.now();
        var kubernetes = new HashMap<String, Object>();
        kubernetes.put("namespace", "multi-nic");
        kubernetes.put("serviceaccount", Map.of("name", account.serviceAccount));
        node.ifPresent(name -> kubernetes.put("node", Map.of("name", name)));
        return Map.of(
                "iss", ISSUER,
                "aud", List.of(AUDIENCE),
                "sub", account.subject(),
                "iat", now.getEpochSecond(),
                "nbf", now.getEpochSecond(),
                "exp", now.plus(LIFE).getEpochSecond(),
                "kubernetes.io", kubernetes);
    }

    private static void write(Path file, String token) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, token);
        forImages(file);
    }

    /// Root reads it all the same.
    private static void forImages(Path file) throws IOException {
        Files.setAttribute(file, "unix:uid", IMAGE_USER);
    }

    public Path ca() {
        return directory.resolve("ca.crt");
    }

    public Path certificate() {
        return directory.resolve("ipam.crt");
    }

    public Path certificateKey() {
        return directory.resolve("ipam.key");
    }

    /// The public key of all tokens.
    public Path keys() {
        return directory.resolve("tokens.pem");
    }

    /// Of an account that is bound to no node.
    public Path token(Account account) {
        return directory.resolve(account.serviceAccount + ".token");
    }

    public Path agentToken(String node) {
        return directory.resolve(node + ".token");
    }

    /// To speak to ipam-service as this account.
    public Credentials credentials(Account account) {
        return new Credentials(token(account), ca());
    }
}
