package io.multinic.ipam.security;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Public keys from a PEM file, or from the PEM files of a directory. Tokens signed with one of their private keys
/// are trusted. Added and removed keys take effect at the next request; a token need not name its key.
public final class KeyFiles implements JWSKeySelector<SecurityContext> {
    private static final Logger log = LoggerFactory.getLogger(KeyFiles.class);
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final String PUBLIC_KEY = "PUBLIC KEY";
    private static final int MIN_RSA_BITS = 2048;
    private static final int P256_BITS = 256;

    private final Path path;
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private volatile @Nullable LoadedKeys loaded;

    private record Version(Path file, FileTime modified, long size) {}

    private record LoadedKeys(List<Version> versions, List<PublicKey> keys) {}

    public KeyFiles(Path path) {
        this.path = path;
    }

    /// Present keys.
    ///
    /// @throws IOException naming the file, if it cannot be read or contains an unsupported key
    public List<PublicKey> keys() throws IOException {
        List<Version> versions = versions();
        LoadedKeys last = loaded;
        if (last != null && last.versions().equals(versions)) {
            return last.keys();
        }
        var keys = new ArrayList<PublicKey>();
        for (Version version : versions) {
            keys.addAll(read(version.file()));
        }
        if (keys.isEmpty()) {
            throw new IOException(path + " has no public key: put PEM files (BEGIN PUBLIC KEY) there");
        }
        loaded = new LoadedKeys(versions, List.copyOf(keys));
        return keys;
    }

    private List<Version> versions() throws IOException {
        List<Path> files;
        if (Files.isDirectory(path)) {
            try (Stream<Path> all = Files.list(path)) {
                files = all.filter(file -> file.getFileName().toString().endsWith(".pem"))
                        .filter(Files::isRegularFile)
                        .sorted()
                        .toList();
            }
        } else {
            files = List.of(path);
        }
        var versions = new ArrayList<Version>();
        for (Path file : files) {
            versions.add(new Version(file, Files.getLastModifiedTime(file), Files.size(file)));
        }
        return versions;
    }

    private static List<PublicKey> read(Path file) throws IOException {
        var keys = new ArrayList<PublicKey>();
        Matcher block = BLOCK.matcher(Files.readString(file));
        while (block.find()) {
            if (!block.group(1).equals(PUBLIC_KEY)) {
                throw new IOException(file + " has a " + block.group(1) + "; only public keys belong there");
            }
            keys.add(key(file, Base64.getMimeDecoder().decode(block.group(2))));
        }
        if (keys.isEmpty()) {
            throw new IOException(file + " has no public key: PEM with BEGIN PUBLIC KEY is expected");
        }
        return keys;
    }

    private static PublicKey key(Path file, byte[] der) throws IOException {
        for (String algorithm : List.of("EC", "RSA")) {
            try {
                PublicKey key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
                if (isStrong(key)) {
                    return key;
                }
                throw new IOException(file + " has a key of another size than EC P-256 or RSA of 2048 bits and more");
            } catch (GeneralSecurityException e) {
                // The key is of another kind.
            }
        }
        throw new IOException(file + " has a key that is neither EC nor RSA");
    }

    private static boolean isStrong(PublicKey key) {
        return switch (key) {
            case ECPublicKey ec -> ec.getParams().getOrder().bitLength() == P256_BITS;
            case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= MIN_RSA_BITS;
            default -> false;
        };
    }

    @Override
    public List<PublicKey> selectJWSKeys(JWSHeader header, @Nullable SecurityContext context)
            throws KeySourceException {
        try {
            List<PublicKey> all = keys();
            failure.set(null);
            return all.stream().filter(key -> fits(header.getAlgorithm(), key)).toList();
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(failure.getAndSet(reason))) {
                log.atError()
                        .addKeyValue("reason", reason)
                        .log("token key file is unreadable; all requests are rejected until it is readable");
            }
            throw new KeySourceException(reason, e);
        }
    }

    private static boolean fits(JWSAlgorithm algorithm, PublicKey key) {
        return switch (key) {
            case ECPublicKey _ -> JWSAlgorithm.ES256.equals(algorithm);
            case RSAPublicKey _ -> JWSAlgorithm.RS256.equals(algorithm);
            default -> false;
        };
    }
}
