package io.multinic.agent.install;

import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Outbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes the files and kernel objects of an uninstalled agent from its node, except for the CNI binary.
///
/// Everything stays while a pod has interfaces: the next agent continues with the journal. The journal stays while it
/// contains events that the ledger lacks.
public final class NodeCleanup {
    private static final Logger log = LoggerFactory.getLogger(NodeCleanup.class);

    private final AllocationStore store;
    private final Outbox outbox;
    private final List<Removal> service;
    private final Removal journal;

    /// A group of paths to remove.
    ///
    /// @param release called before, to stop using them
    /// @param paths files, and directories with their content
    /// @param directory their parent, deleted if empty; null if it does not belong to the agent
    public record Removal(
            Runnable release, List<Path> paths, @Nullable Path directory) {
        public Removal {
            paths = List.copyOf(paths);
        }

        private void run() {
            release.run();
            paths.forEach(NodeCleanup::delete);
            if (directory != null) {
                deleteIfEmpty(directory);
            }
        }
    }

    /// @param service routes, socket and other runtime state
    /// @param journal the journal and the node's identity
    public NodeCleanup(AllocationStore store, Outbox outbox, List<Removal> service, Removal journal) {
        this.store = store;
        this.outbox = outbox;
        this.service = List.copyOf(service);
        this.journal = journal;
    }

    /// Called after all parts of the agent have stopped.
    public void remove() {
        int attachments = store.attachments().size();
        if (attachments > 0) {
            log.atInfo().addKeyValue("attachments", attachments).log("state is kept for running pods");
            return;
        }
        service.forEach(Removal::run);
        int unsent = outbox.pending(1).size();
        if (unsent > 0) {
            log.atWarn().log("journal is kept, the ledger lacks events");
            return;
        }
        journal.run();
        log.atInfo().log("state of the agent removed from the node");
    }

    private static void delete(Path path) {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(path)) {
            for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (IOException | UncheckedIOException e) {
            log.atWarn().addKeyValue("path", path).addKeyValue("reason", e).log("path cannot be removed");
        }
    }

    /// A directory that is a mount point, or contains files of others, stays.
    private static void deleteIfEmpty(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            log.atDebug()
                    .addKeyValue("directory", directory)
                    .addKeyValue("reason", e)
                    .log("directory is kept");
        }
    }
}
