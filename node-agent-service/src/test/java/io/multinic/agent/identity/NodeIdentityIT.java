package io.multinic.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class NodeIdentityIT {
    @TempDir
    private Path disk;

    @Test
    void uidSurvivesARestart() {
        Path file = disk.resolve("state/node-uid");
        var first = new NodeIdentity(file);
        assertThat(first.uid()).isEmpty();
        first.learn("uid-1");

        assertThat(new NodeIdentity(file).uid()).contains("uid-1");
    }

    @Test
    void listenerIsCalledOnlyWhenTheUidChanges() {
        var identity = new NodeIdentity(disk.resolve("node-uid"));
        var changes = new AtomicInteger();
        identity.onChange(changes::incrementAndGet);

        identity.learn("uid-1");
        identity.learn("uid-1");
        identity.learn("uid-2");

        assertThat(changes).hasValue(2);
        assertThat(new NodeIdentity(disk.resolve("node-uid")).uid()).contains("uid-2");
    }

    @Test
    void awaitReturnsWhenTheUidIsLearned() throws Exception {
        var identity = new NodeIdentity(disk.resolve("node-uid"));
        var waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return identity.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        identity.learn("uid-1");

        assertThat(waiting.get()).isEqualTo("uid-1");
    }

    @Test
    void uidThatCannotBeStoredIsAnError() throws IOException {
        Path file = disk.resolve("file/node-uid");
        Files.writeString(disk.resolve("file"), "not a folder");
        assertThatThrownBy(() -> {
                    var identity = new NodeIdentity(file);
                    identity.learn("uid-1");
                })
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString());
    }
}
