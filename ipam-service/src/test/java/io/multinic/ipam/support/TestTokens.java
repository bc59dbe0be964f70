package io.multinic.ipam.support;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/// Issues tokens like those of a Kubernetes API server for service accounts.
public final class TestTokens {
    public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    public static final String AUDIENCE = "multi-nic-ipam";
    public static final String CONTROLLER = subject("multi-nic-controller");
    public static final String AGENT = subject("multi-nic-node-agent");
    public static final String READER = subject("reader");
    public static final String ADMIN = subject("admin");

    private final JWK key;

    private TestTokens(JWK key) {
        this.key = key;
    }

    private static String subject(String account) {
        return "system:serviceaccount:multi-nic:" + account;
    }

    /// Tokens signed with a new EC P-256 key.
    public static TestTokens ec() {
        return ec(Curve.P_256);
    }

    public static TestTokens ec(Curve curve) {
        try {
            return new TestTokens(new ECKeyGenerator(curve)
                    .keyID(UUID.randomUUID().toString())
                    .keyUse(KeyUse.SIGNATURE)
                    .generate());
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Tokens signed with a new RSA key, the default of most clusters.
    public static TestTokens rsa() {
        try {
            return new TestTokens(new RSAKeyGenerator(2048)
                    .keyID(UUID.randomUUID().toString())
                    .keyUse(KeyUse.SIGNATURE)
                    .generate());
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public JWK publicKey() {
        return key.toPublicJWK();
    }

    /// The public key in PEM format.
    public String pem() {
        try {
            byte[] der = (key instanceof ECKey ec
                            ? ec.toECPublicKey()
                            : key.toRSAKey().toRSAPublicKey())
                    .getEncoded();
            return "-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----\n";
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static JWTClaimsSet.Builder claims(String subject) {
        Instant now = Instant.now();
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .subject(subject)
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plus(Duration.ofHours(1))));
    }

    public String of(String subject) {
        return sign(claims(subject).build());
    }

    public String of(String subject, Consumer<JWTClaimsSet.Builder> change) {
        var claims = claims(subject);
        change.accept(claims);
        return sign(claims.build());
    }

    /// An agent's token, bound to a pod on the node; the UID is that of [Samples].
    public String agent(String node) {
        return agent(node, node.replace("node", "uid-"));
    }

    public String agent(String node, String uid) {
        return of(
                AGENT,
                claims -> claims.claim(
                        "kubernetes.io",
                        Map.of(
                                "namespace", "multi-nic",
                                "node", Map.of("name", node, "uid", uid),
                                "pod", Map.of("name", "agent-1", "uid", "uid-of-pod"))));
    }

    public String sign(JWTClaimsSet claims) {
        try {
            var algorithm = key instanceof RSAKey
                    ? JWSAlgorithm.RS256
                    : key.toECKey().getCurve().equals(Curve.P_384) ? JWSAlgorithm.ES384 : JWSAlgorithm.ES256;
            JWSSigner signer = key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner(key.toECKey());
            var token = new SignedJWT(
                    new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims);
            token.sign(signer);
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
