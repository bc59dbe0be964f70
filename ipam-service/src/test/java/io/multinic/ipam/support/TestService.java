package io.multinic.ipam.support;

import io.multinic.ipam.IpamApplication;
import io.multinic.ipam.support.TestPostgres.Database;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// The whole service on a free port.
public final class TestService implements AutoCloseable {
    private final ConfigurableApplicationContext context;
    private final Rest rest;

    private TestService(Database database) {
        context = new SpringApplicationBuilder(IpamApplication.class)
                .run(
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--spring.datasource.url=" + database.url(),
                        "--spring.datasource.username=" + database.user(),
                        "--spring.datasource.password=" + database.password());
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        rest = new Rest("http://127.0.0.1:" + port);
    }

    private static final class Holder {
        static final Database DATABASE = TestPostgres.newDatabase();
        static final TestService SERVICE = new TestService(DATABASE);
    }

    /// One for all tests that do not need their own; its database is [#sharedDatabase()].
    public static TestService shared() {
        return Holder.SERVICE;
    }

    public static Database sharedDatabase() {
        return Holder.DATABASE;
    }

    public static TestService on(Database database) {
        return new TestService(database);
    }

    public Rest rest() {
        return rest;
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }
}
