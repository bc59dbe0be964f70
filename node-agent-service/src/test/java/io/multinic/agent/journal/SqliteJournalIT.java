package io.multinic.agent.journal;

import static io.multinic.agent.address.AddressFixtures.NOON;
import static io.multinic.agent.address.AddressFixtures.block;
import static io.multinic.agent.address.AddressFixtures.request;
import static io.multinic.agent.journal.JournalFixtures.intent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.journal.BeginResult.Recorded;
import io.multinic.agent.plan.KnownPlan;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.StatedBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalIT extends AllocationStoreContract {
    @TempDir
    Path directory;

    private SqliteJournal journal;

    @BeforeEach
    @Override
    void restore() {
        open();
        super.restore();
    }

    private static final StatedBlock ABSENT = new StatedBlock(
            "net",
            4,
            "eth9",
            Cidr.parse("10.0.9.0/24"),
            1,
            3,
            Cidr.parse("192.168.64.0/18"),
            Cidr.parse("192.168.67.0/24"));

    private void open() {
        journal = SqliteJournal.open(path());
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private Path path() {
        return directory.resolve("state/journal.db");
    }

    private void reopen() {
        journal.close();
        open();
    }

    @Override
    AllocationStore store() {
        return journal.allocations();
    }

    @Override
    Outbox outbox() {
        return journal.outbox();
    }

    @Test
    void attachmentsEventsAndPlanSurviveARestart() {
        var block = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"));
        var a = ((Recorded) store().begin(intent("a"), request(NOON, block))).attachment();
        store().attached(a.key(), "result");
        store().detached(intent("gone").key(), NOON);
        var plan = new KnownPlan(new NodePlan("node", "uid", 7, List.of()), "history", List.of(ABSENT));
        journal.plans().save(new KnownPlan(new NodePlan("node", "uid", 6, List.of()), "", List.of()));
        journal.plans().save(plan);
        String storeId = outbox().storeId();
        reopen();
        assertThat(store().find(a.key()).orElseThrow().result()).isEqualTo("result");
        assertThat(store().begin(intent("gone"), request(NOON, block))).isInstanceOf(BeginResult.Deleted.class);
        assertThat(outbox().pending(10)).hasSize(1);
        assertThat(outbox().storeId()).isEqualTo(storeId);
        assertThat(journal.plans().load()).contains(plan);
    }

    @Test
    void numbersOfConfirmedEventsAreNotReusedAfterARestart() {
        var block = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"));
        store().begin(intent("a"), request(NOON, block));
        store().attached(intent("a").key(), "result");
        outbox().confirm(1);
        reopen();
        assertThat(outbox().confirmed()).isOne();
        store().begin(intent("b"), request(NOON, block));
        store().attached(intent("b").key(), "result");
        assertThat(outbox().pending(10).getFirst().sequence()).isEqualTo(2);
    }

    @Test
    void newStoreIdSurvivesARestart() {
        var block = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"));
        store().begin(intent("a"), request(NOON, block));
        store().attached(intent("a").key(), "result");
        outbox().renewStoreId("another", List.of(), NOON);
        reopen();
        assertThat(outbox().storeId()).isEqualTo("another");
        assertThat(store().restored()).isFalse();
        assertThat(outbox().pending(10)).hasSize(1);
    }

    @Test
    void readsAndBacklogDoNotWaitForAWriter() throws Exception {
        var block = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"));
        var a = ((Recorded) store().begin(intent("a"), request(NOON, block))).attachment();
        store().attached(a.key(), "result");
        var writing = new CountDownLatch(1);
        var read = new CountDownLatch(1);
        try (var threads = Executors.newFixedThreadPool(2)) {
            var delivery = threads.submit(() -> outbox().next(10, () -> {
                writing.countDown();
                await(read);
                return NOON;
            }));
            await(writing);
            var answer = threads.submit(() -> {
                assertThat(outbox().backlog()).isEqualTo(new Outbox.Backlog(1, Optional.of(NOON)));
                assertThat(store().attachments()).hasSize(1);
                return outbox().live();
            });
            assertThat(answer.get(10, TimeUnit.SECONDS)).hasSize(1);
            read.countDown();
            assertThat(delivery.get().events()).hasSize(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void backlogSurvivesARestart() {
        var block = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"));
        for (String container : List.of("a", "b")) {
            store().begin(intent(container), request(NOON, block));
            store().attached(intent(container).key(), "result");
        }
        outbox().confirm(1);
        reopen();
        assertThat(outbox().backlog()).isEqualTo(new Outbox.Backlog(1, Optional.of(NOON)));
    }

    @Test
    void newJournalIsReadableByItsOwnerOnly() throws IOException {
        assertPrivate();
    }

    @Test
    void existingJournalBecomesReadableByItsOwnerOnly() throws IOException {
        journal.close();
        Files.setPosixFilePermissions(path(), PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(path().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(
                path().resolveSibling("journal.db.lock"), PosixFilePermissions.fromString("rw-rw-r--"));
        open();
        assertPrivate();
    }

    @Test
    void logOfACrashedAgentBecomesReadableByItsOwnerOnly() throws IOException {
        store().begin(intent("a"), request(NOON, List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"))));
        var crashed = directory.resolve("crashed/journal.db");
        Files.createDirectories(crashed.getParent());
        for (String suffix : List.of("", "-wal")) {
            var copy = crashed.resolveSibling("journal.db" + suffix);
            Files.copy(path().resolveSibling("journal.db" + suffix), copy);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
        }
        journal.close();
        journal = SqliteJournal.open(crashed);
        assertThat(store().attachments()).hasSize(1);
        assertPrivate(crashed.getParent());
    }

    private void assertPrivate() throws IOException {
        store().begin(intent("private"), request(NOON, List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"))));
        assertPrivate(path().getParent());
    }

    private static void assertPrivate(Path state) throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
        try (var files = Files.list(state)) {
            assertThat(files)
                    .hasSizeGreaterThanOrEqualTo(4)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .as(file.toString())
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void deletedPlanIsStillDeletedAfterARestart() {
        journal.plans().save(new KnownPlan(new NodePlan("node", "uid", 7, List.of()), "", List.of()));
        journal.plans().forget();
        reopen();
        assertThat(journal.plans().load()).isEmpty();
    }

    @Test
    void newJournalHasNoPlan() {
        assertThat(journal.plans().load()).isEmpty();
    }

    @Test
    void concurrentIntentsGetDifferentAddresses() throws Exception {
        var block = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/26"));
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<BeginResult>> intents = IntStream.range(0, 60)
                    .mapToObj(i -> (Callable<BeginResult>) () -> {
                        var result = store().begin(intent("c" + i), request(NOON, block));
                        store().attached(intent("c" + i).key(), "result");
                        return result;
                    })
                    .toList();
            var addresses = new HashSet<>();
            for (var result : threads.invokeAll(intents)) {
                addresses.add(((Recorded) result.get())
                        .attachment()
                        .allocations()
                        .getFirst()
                        .address());
            }
            assertThat(addresses).hasSize(60);
        }
        assertThat(outbox().pending(100))
                .extracting(event -> event.sequence())
                .isEqualTo(IntStream.rangeClosed(1, 60).mapToObj(i -> (long) i).toList());
    }

    /// The file refuses a second holder even if the allocator were wrong.
    @Test
    void uniqueIndexRefusesASecondHolder() throws SQLException {
        var block = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"));
        store().begin(intent("a"), request(NOON, block));
        store().begin(intent("b"), request(NOON, block));
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path());
                var statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeUpdate(
                            "UPDATE allocation SET address = x'0a000001' WHERE container_id = 'b'"))
                    .hasMessageContaining("UNIQUE");
        }
    }

    @Test
    void secondAgentOnTheSameFileIsRefused() {
        assertThatThrownBy(() -> SqliteJournal.open(path()))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining(path().toString());
    }

    @Test
    void damagedFileIsRefusedWithItsName() throws IOException {
        journal.close();
        Files.writeString(path(), "this was a database once".repeat(1_000));
        assertThatThrownBy(() -> SqliteJournal.open(path()))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining(path().toString())
                .hasMessageContaining("not a database");
        Files.delete(path());
        open();
    }

    @Test
    void directoryThatCannotBeCreatedIsRefusedWithItsName() throws IOException {
        var file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> SqliteJournal.open(file.resolve("journal.db")))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void fileOfANewerAgentIsRefused() throws SQLException {
        journal.close();
        int version = version(99);
        assertThatThrownBy(() -> SqliteJournal.open(path()))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining("version 99");
        version(version);
        open();
    }

    /// Sets the version of the schema; returns the one before.
    private int version(int version) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path());
                var statement = connection.createStatement()) {
            int before = statement.executeQuery("PRAGMA user_version").getInt(1);
            statement.execute("PRAGMA user_version = " + version);
            return before;
        }
    }

    @Test
    void freedAddressesAreForgottenOldestFirstButNotWhileTheyRest() throws SQLException {
        var block = List.of(block("eth1", "fd00::/48", "fd00::/64"));
        store().begin(intent("a"), request(NOON, block));
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path());
                var statement = connection.createStatement()) {
            statement.executeUpdate("""
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
                    INSERT INTO rest (network, address, freed_at, block)
                    SELECT 'net', unhex(printf('fd00000000000000ff%014x', i)), 1000000 * i, 1 FROM n""");
        }
        store().forget(Instant.ofEpochSecond(100), Instant.ofEpochSecond(200));
        assertThat(freedAt()).hasSize(4_801).startsWith(200L);
        store().forget(Instant.ofEpochSecond(100), Instant.ofEpochSecond(5_000));
        assertThat(freedAt()).hasSize(4_096).startsWith(905L);
        store().forget(Instant.ofEpochSecond(4_000), Instant.ofEpochSecond(5_000));
        assertThat(freedAt()).hasSize(1_001).startsWith(4_000L);
    }

    private List<Long> freedAt() throws SQLException {
        List<Long> seconds = new ArrayList<>();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path());
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT freed_at / 1000000 FROM rest ORDER BY freed_at")) {
            while (rows.next()) {
                seconds.add(rows.getLong(1));
            }
        }
        return seconds;
    }

    @Test
    void forgettingLosesNoAddressAndGivesNoneWithoutRest() {
        var block = List.of(block("eth1", "10.0.0.0/24", "10.0.0.16/29"));
        for (int round = 0; round < 4; round++) {
            var now = NOON.plusSeconds(100L * round);
            var given = new HashSet<>();
            for (int i = 0; i < 8; i++) {
                var result = (Recorded) store().begin(intent("c" + round + i), request(now, block));
                given.add(result.attachment().allocations().getFirst().address());
                store().forget(now, now);
            }
            assertThat(given).hasSize(8);
            for (int i = 0; i < 8; i++) {
                store().detached(intent("c" + round + i).key(), now);
            }
            store().forget(now.plusSeconds(round % 2), now);
        }
    }

    @Test
    void freedAddressOfAHugeBlockIsNotReusedAtOnce() {
        var block = List.of(block("eth1", "fd00::/64", "fd00::/80"));
        for (int i = 0; i < 50; i++) {
            store().begin(intent("a" + i), request(NOON, block));
            store().undone(intent("a" + i).key(), NOON, Set.of());
        }
        var result = (Recorded) store().begin(intent("last"), request(NOON, block));
        assertThat(result.attachment().allocations())
                .extracting(Allocation::address)
                .extracting(Object::toString)
                .containsExactly("fd00::33");
    }
}
