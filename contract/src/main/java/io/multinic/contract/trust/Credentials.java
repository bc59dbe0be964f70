package io.multinic.contract.trust;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/// Credentials of a client of a service: its bearer token, and the CA of the service. Both are files that are renewed,
/// such as by a kubelet; each is read again when it has changed, so neither a new token nor a new CA needs a restart.
public final class Credentials {
    private final @Nullable RenewedFile<String> token;
    private final SSLContext tls;

    /// @param tokenFile a bearer token; null: none is sent
    /// @param caFile PEM certificates of the service's CA; null: those of the JVM
    public Credentials(@Nullable Path tokenFile, @Nullable Path caFile) {
        token = tokenFile == null ? null : new RenewedFile<>(tokenFile, Credentials::readToken);
        tls = tls(caFile);
    }

    /// Credentials without a token, with the JVM's own CA certificates.
    public static Credentials none() {
        return new Credentials(null, null);
    }

    private static String readToken(Path path) throws IOException {
        String text = Files.readString(path).strip();
        if (text.isEmpty()) {
            throw new IOException("it is empty");
        }
        if (text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IOException("it is not one line of ASCII");
        }
        return text;
    }

    private static SSLContext tls(@Nullable Path caFile) {
        try {
            if (caFile == null) {
                return SSLContext.getDefault();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new FileTrust(caFile)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new MultiNicException(ErrorCode.INTERNAL, "this JVM has no TLS", e);
        }
    }

    /// The value of the header `Authorization`; empty without a token file.
    ///
    /// @throws MultiNicException TRY_AGAIN_LATER if the file cannot be read
    public Optional<String> authorization() {
        if (token == null) {
            return Optional.empty();
        }
        try {
            return Optional.of("Bearer " + token.content());
        } catch (IOException | GeneralSecurityException e) {
            throw new MultiNicException(
                    ErrorCode.TRY_AGAIN_LATER, "token file " + token.path() + " cannot be read: " + reason(e), e);
        }
    }

    /// The message of a `NoSuchFileException` is only the path, so its class name is shown instead.
    private static String reason(Exception e) {
        return e instanceof IOException && e.getClass() != IOException.class
                ? e.getClass().getSimpleName()
                : String.valueOf(e.getMessage());
    }

    /// TLS context for connections to the service. Host names are verified by the client that uses it, such as
    /// `java.net.http`.
    public SSLContext tls() {
        return tls;
    }
}
