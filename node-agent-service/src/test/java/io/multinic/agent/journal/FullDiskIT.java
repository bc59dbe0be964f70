package io.multinic.agent.journal;

import static io.multinic.agent.address.AddressFixtures.NOON;
import static io.multinic.agent.address.AddressFixtures.block;
import static io.multinic.agent.address.AddressFixtures.request;
import static io.multinic.agent.journal.JournalFixtures.intent;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NicBlock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The file system of the journal is full for a while. Needs root.
@Timeout(120)
class FullDiskIT {
    private static final List<NicBlock> BLOCK = List.of(block("eth1", "10.0.0.0/16", "10.0.0.0/20"));

    @TempDir
    private Path disk;

    private SqliteJournal journal;
    private int intents;
    private Instant now = NOON;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString());
        journal = SqliteJournal.open(disk.resolve("journal.db"));
        journal.outbox().confirm(0);
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        journal.close();
        run("umount", disk.toString());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private BeginResult begin() {
        return journal.allocations().begin(intent("c" + intents++), request(now, BLOCK));
    }

    private void fillDisk() throws IOException {
        byte[] page = new byte[4096];
        try (var out = Files.newOutputStream(disk.resolve("filler"))) {
            while (true) {
                out.write(page);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private MultiNicException beginUntilRefused() {
        for (int i = 0; i < 1_000; i++) {
            try {
                begin();
            } catch (MultiNicException e) {
                return e;
            }
        }
        throw new AssertionError("no intent was refused");
    }

    @Test
    void journalGoesOnOnceThereIsSpace() throws IOException {
        var key = ((BeginResult.Recorded) begin()).attachment().key();
        journal.allocations().attached(key, "result");
        var before = journal.allocations().find(key).orElseThrow();
        for (int round = 0; round < 3; round++) {
            fillDisk();
            var refusal = beginUntilRefused();
            assertThat(refusal.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER);
            assertThat(refusal).hasMessageContaining("no space on " + disk);
            assertThat(refusal.getMessage()).doesNotContain("remove");
            var attachments = journal.allocations().attachments();
            assertThat(attachments).contains(before);
            assertThat(journal.outbox().pending(1)).hasSize(1);

            Files.delete(disk.resolve("filler"));
            assertThat(begin()).isInstanceOf(BeginResult.Recorded.class);
            attachments.stream()
                    .filter(other -> !other.equals(before))
                    .forEach(other -> journal.allocations().detached(other.key(), now));
            now = now.plusSeconds(60);
        }
        assertThat(journal.allocations().attachments()).hasSize(2);
        assertThat(journal.outbox().live()).isEqualTo(before.allocations());
    }

    @Test
    void deletionsGoOnWhileTheDiskIsFullAndAddsWaitForSpace() throws IOException {
        for (int i = 0; i < 20; i++) {
            var attachment = ((BeginResult.Recorded) begin()).attachment();
            journal.allocations().attached(attachment.key(), "result");
        }
        var attached = journal.allocations().attachments();
        fillDisk();
        assertThat(beginUntilRefused()).hasMessageContaining("no space on " + disk);
        for (var attachment : attached) {
            journal.allocations().detaching(attachment.key());
            journal.allocations().detached(attachment.key(), now);
        }
        assertThat(journal.outbox().live()).isEmpty();
        assertThat(beginUntilRefused()).hasMessageContaining("no space on " + disk);

        Files.delete(disk.resolve("filler"));
        assertThat(begin()).isInstanceOf(BeginResult.Recorded.class);
        assertThat(disk.resolve("journal.db.reserve")).exists();
    }
}
