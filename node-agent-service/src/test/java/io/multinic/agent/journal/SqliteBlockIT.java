package io.multinic.agent.journal;

import static io.multinic.agent.address.AddressFixtures.NOON;
import static io.multinic.agent.address.AddressFixtures.block;
import static io.multinic.agent.address.AddressFixtures.request;
import static io.multinic.agent.journal.JournalFixtures.intent;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.BlockAddresses;
import io.multinic.agent.address.BlockAddressesContract;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.ProgressHandler;
import tools.jackson.databind.json.JsonMapper;

class SqliteBlockIT extends BlockAddressesContract {
    private static final List<NicBlock> NEIGHBOURS = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/27"));

    @TempDir
    private Path directory;

    private SqliteFile file;
    private SqliteOutbox outbox;
    private SqliteAllocationStore store;

    @BeforeEach
    void open() {
        file = SqliteFile.open(directory.resolve("journal.db"));
        outbox = new SqliteOutbox(file, JsonMapper.builder().build());
        store = new SqliteAllocationStore(file, outbox);
        outbox.confirm(0);
    }

    @AfterEach
    void close() {
        file.close();
    }

    @Override
    protected <T> T ask(Function<BlockAddresses, T> question) {
        return file.durably(
                session -> question.apply(SqliteBlock.source(session, "net").of(BLOCK)));
    }

    @Override
    protected void hold(String address) {
        var wanted = List.of(IpAddress.parse(address));
        var intent = new Intent(
                new AttachmentKey(address + "/" + System.nanoTime(), "net1"),
                "net",
                new Sandbox("/n", "boot/1/1"),
                POD,
                "",
                "");
        var sample = request(NOON, NEIGHBOURS);
        var request = new AddressRequest("net", POD, sample.interfaces(), wanted, NOON, sample.restingTime());
        assertThat(store.begin(intent, request)).isInstanceOf(BeginResult.Recorded.class);
    }

    @Override
    protected void free(String address, Instant at) {
        var holder = store.attachments().stream()
                .filter(attachment ->
                        attachment.allocations().getFirst().address().equals(IpAddress.parse(address)))
                .findFirst()
                .orElseThrow();
        store.undone(holder.key(), at, Set.of());
    }

    @Test
    void workOfAnAddDoesNotGrowWithHistory() throws SQLException {
        var block = List.of(block("eth1", "10.0.0.0/16", "10.0.0.0/20"));
        for (int i = 0; i < 20; i++) {
            store.begin(intent("held" + i), request(NOON, block));
        }
        long before = stepsOfAnAdd(block, NOON);
        addHistory();
        assertThat(stepsOfAnAdd(block, NOON))
                .as("first ADD afterwards passes what is used")
                .isPositive();
        assertThat(stepsOfAnAdd(block, NOON)).isLessThan(2 * before);
        assertThat(stepsOfAnAdd(block, NOON.plusSeconds(60))).isLessThan(2 * before);
    }

    /// 1,500 held and 2,000 freed addresses at the start of the block, and 3,000 of another one.
    private void addHistory() {
        file.durably(session -> session.update("""
                        WITH RECURSIVE n(i) AS (SELECT 22 UNION ALL SELECT i + 1 FROM n WHERE i < 1530)
                        INSERT INTO allocation (network, address, nic, pod_interface, container_id, if_name, position)
                        SELECT 'net', unhex(printf('0a00%04x', i)), 'eth1', 'net1-0', 'held0', 'net1', i FROM n""") + session.update("""
                        WITH RECURSIVE n(i) AS (SELECT 1531 UNION ALL SELECT i + 1 FROM n WHERE i < 3600)
                        INSERT INTO rest (network, address, freed_at, block)
                        SELECT 'net', unhex(printf('0a00%04x', i)), i, 1 FROM n""") + session.update("""
                        WITH RECURSIVE n(i) AS (SELECT 5000 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
                        INSERT INTO rest (network, address, freed_at, block)
                        SELECT 'net', unhex(printf('0a00%04x', i)), i, 2 FROM n"""));
    }

    private int adds;

    /// Number of statements that one ADD executes and of rows that SQLite visits in loops for it.
    private long stepsOfAnAdd(List<NicBlock> block, Instant now) throws SQLException {
        var steps = new AtomicLong();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("journal.db"))) {
            ProgressHandler.setHandler(connection, 1, new ProgressHandler() {
                @Override
                protected int progress() {
                    steps.incrementAndGet();
                    return 0;
                }
            });
            try (var session = new SqliteSession(counting(Connection.class, connection, steps), "BEGIN IMMEDIATE")) {
                var result =
                        session.transact(write -> store.begin(write, intent("counted" + adds++), request(now, block)));
                assertThat(result).isInstanceOf(BeginResult.Recorded.class);
            }
        }
        return steps.get();
    }

    private static <T> T counting(Class<T> type, T real, AtomicLong executions) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().startsWith("execute")) {
                        executions.incrementAndGet();
                    }
                    Object result = method.invoke(real, arguments);
                    return result instanceof PreparedStatement statement
                            ? counting(PreparedStatement.class, statement, executions)
                            : result;
                }));
    }
}
