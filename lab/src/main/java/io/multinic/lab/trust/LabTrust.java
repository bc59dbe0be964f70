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

/// The certificates and tokens of a lab, as files in one directory. The tokens have the claims of projected tokens:
/// subject, audience and, for an agent, the node.
public record LabTrust(Path directory) {
    public static final String ISSUER = "https://multi-nic-lab";
    public static final String AUDIENCE = "multi-nic-ipam";

    private static final Duration LIFETIME = Duration.ofDays(30);

    /// The user id of ipam-service and controller in their images.
    private static final int IMAGE_USER = 65532;

    /// The service accounts that have tokens.
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

    /// Creates certificates and tokens.
    ///
    /// @param server the address of ipam-service
    /// @param nodes all nodes that may have an agent
    public void create(IpAddress server, List<String> nodes) {
        try {
            // Services list the directory to watch a file in it; the files are readable for their owners only.
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            CertificateAuthority.create(ca(), directory.resolve("ca.key"))
                    .issue(List.of("IP:" + server), certificate(), certificateKey());
            giveToImageUser(certificateKey());
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
                "exp", now.plus(LIFETIME).getEpochSecond(),
                "kubernetes.io", kubernetes);
    }

    private static void write(Path file, String token) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, token);
        giveToImageUser(file);
    }

    /// Makes the user of the images the owner. Services outside of images run as root and can read the file too.
    private static void giveToImageUser(Path file) throws IOException {
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

    /// The public key that verifies the tokens.
    public Path keys() {
        return directory.resolve("tokens.pem");
    }

    /// The token of an account that is not bound to a node.
    public Path token(Account account) {
        return directory.resolve(account.serviceAccount + ".token");
    }

    public Path agentToken(String node) {
        return directory.resolve(node + ".token");
    }

    /// Credentials for requests to ipam-service as this account.
    public Credentials credentials(Account account) {
        return new Credentials(token(account), ca());
    }
}
