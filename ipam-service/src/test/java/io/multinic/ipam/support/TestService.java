package io.multinic.ipam.support;

import io.multinic.ipam.IpamApplication;
import io.multinic.ipam.support.TestPostgres.Database;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/// The complete service on a free port, in the JVM of the tests.
public final class TestService implements AutoCloseable {
    private final ConfigurableApplicationContext context;
    private final Rest rest;

    private TestService(Database database, List<String> settings, @Nullable InstantSource clock) {
        var all = new ArrayList<>(List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password()));
        // Periodic work runs only when a test runs it or sets its period.
        for (String quiet : List.of("--multi-nic.ipam.audit.every=", "--multi-nic.ipam.metrics.every=")) {
            if (settings.stream().noneMatch(setting -> setting.startsWith(quiet))) {
                all.add(quiet + "1h");
            }
        }
        all.addAll(settings);
        var application = new SpringApplicationBuilder(IpamApplication.class);
        if (clock != null) {
            application.initializers((GenericApplicationContext given) ->
                    given.registerBean("testClock", InstantSource.class, () -> clock, bean -> bean.setPrimary(true)));
        }
        context = application.run(all.toArray(String[]::new));
        var environment = context.getEnvironment();
        boolean tls = environment.containsProperty("spring.ssl.bundle.pem.ipam.keystore.certificate");
        rest = new Rest(
                (tls ? "https" : "http") + "://127.0.0.1:" + port(),
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build());
    }

    private static final class Holder {
        static final Database DATABASE = TestPostgres.newDatabase();
        static final TestService SERVICE = new TestService(DATABASE, List.of(), null);
    }

    /// The service for all tests that do not need their own; its database is [#sharedDatabase()].
    public static TestService shared() {
        return Holder.SERVICE;
    }

    public static Database sharedDatabase() {
        return Holder.DATABASE;
    }

    /// @param settings further settings than those of the database, such as `--multi-nic.ipam.max-body=1MB`
    public static TestService on(Database database, String... settings) {
        return new TestService(database, List.of(settings), null);
    }

    /// A service with its own clock.
    public static TestService at(InstantSource clock, Database database, String... settings) {
        return new TestService(database, List.of(settings), clock);
    }

    public int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    public Rest rest() {
        return rest;
    }

    public <T> T bean(String name, Class<T> type) {
        return context.getBean(name, type);
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }
}
