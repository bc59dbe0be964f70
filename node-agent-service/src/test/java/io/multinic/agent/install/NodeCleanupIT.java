package io.multinic.agent.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.InterfaceDemand;
import io.multinic.agent.install.NodeCleanup.Removal;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.journal.Intent;
import io.multinic.agent.journal.Sandbox;
import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.plan.KnownPlan;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PodRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Removal with a real journal in a temporary directory.
class NodeCleanupIT {
    private static final AttachmentKey POD = new AttachmentKey("c1", "net1");
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir
    private Path disk;

    private final AtomicBoolean routes = new AtomicBoolean(true);
    private Path state;
    private Path run;
    private SqliteJournal journal;

    @BeforeEach
    void settle() throws IOException {
        state = disk.resolve("state");
        journal = SqliteJournal.open(state.resolve("journal.db"));
        journal.outbox().confirm(0);
        journal.plans().save(KnownPlan.first(new NodePlan("node", "uid", 1, List.of()), ""));
        run = Files.createDirectory(disk.resolve("run"));
        Files.createFile(run.resolve("cni.sock"));
        Files.createDirectories(run.resolve(".web/work"));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private NodeCleanup cleanup() {
        var service = new Removal(() -> routes.set(false), List.of(run.resolve("cni.sock"), run.resolve(".web")), run);
        var files = SqliteJournal.files(state.resolve("journal.db"));
        return new NodeCleanup(
                journal.allocations(), journal.outbox(), List.of(service), new Removal(journal::close, files, state));
    }

    private void attach() {
        var pods = Cidr.parse("192.168.0.0/24");
        var block = new NicBlock("eth1", Cidr.parse("10.0.1.0/24"), 0, 0, pods, pods, List.of());
        var demand = new InterfaceDemand("net1-0", List.of(block));
        var intent = new Intent(POD, "net", Sandbox.UNKNOWN, new PodRef("default", "p", "uid"), "", "");
        journal.allocations()
                .begin(intent, new AddressRequest("net", intent.pod(), List.of(demand), List.of(), NOW, Duration.ZERO));
        journal.allocations().attached(POD, "");
    }

    @Test
    void everythingIsRemovedWhenNoPodHasInterfaces() {
        cleanup().remove();
        assertThat(routes).isFalse();
        assertThat(run).doesNotExist();
        assertThat(state).doesNotExist();
    }

    @Test
    void everythingStaysWhilePodsHaveInterfaces() {
        attach();
        cleanup().remove();
        assertThat(routes).isTrue();
        assertThat(run.resolve("cni.sock")).exists();
        assertThat(journal.allocations().attachments()).hasSize(1);
    }

    @Test
    void journalStaysWhileTheLedgerLacksEvents() {
        attach();
        journal.allocations().detached(POD, NOW);
        cleanup().remove();
        assertThat(run).doesNotExist();
        assertThat(journal.outbox().pending(5)).hasSize(2);

        journal.outbox().confirm(2);
        cleanup().remove();
        assertThat(state).doesNotExist();
    }

    @Test
    void filesOfOthersStay() throws IOException {
        Files.createFile(run.resolve("theirs"));
        Files.createFile(state.resolve("theirs"));
        cleanup().remove();
        assertThat(run).isDirectoryContaining("glob:**theirs");
        try (Stream<Path> left = Files.list(state)) {
            assertThat(left).containsExactly(state.resolve("theirs"));
        }
    }
}
