package io.multinic.ipam.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A service with its own database that requires tokens.
public record SecuredService(TestService service, TestTokens tokens) implements AutoCloseable {
    /// @param settings further settings than those of the database and the tokens
    public static SecuredService start(String... settings) {
        var tokens = TestTokens.ec();
        try {
            Path keys = Files.createTempDirectory(Path.of("target"), "keys").resolve("keys.pem");
            Files.writeString(keys, tokens.pem());
            var all = new String[settings.length + 2];
            all[0] = "--multi-nic.ipam.security.keys=" + keys;
            all[1] = "--multi-nic.ipam.security.roles.admin=" + TestTokens.ADMIN;
            System.arraycopy(settings, 0, all, 2, settings.length);
            var service = TestService.on(TestPostgres.newDatabase(), all);
            return new SecuredService(service, tokens);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A token of an administrator.
    public String token() {
        return tokens.of(TestTokens.ADMIN);
    }

    public Rest admin() {
        return service.rest().with(token());
    }

    @Override
    public void close() {
        service.close();
    }
}
