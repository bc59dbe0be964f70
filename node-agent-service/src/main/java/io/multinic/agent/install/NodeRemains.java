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

/// What an agent that leaves for good still has on its node, beside the CNI binary.
///
/// All of it stays as long as a pod has interfaces: the next agent takes them over by the journal. The journal stays
/// as long as it holds what the ledger has not got.
public final class NodeRemains {
    private static final Logger log = LoggerFactory.getLogger(NodeRemains.class);

    private final AllocationStore store;
    private final Outbox outbox;
    private final List<Removal> service;
    private final Removal journal;

    /// Things of ours.
    ///
    /// @param release stops using them
    /// @param paths to delete, directories with their content
    /// @param directory where they were; goes if nothing else is in it; null if it is none of ours
    public record Removal(
            Runnable release, List<Path> paths, @Nullable Path directory) {
        public Removal {
            paths = List.copyOf(paths);
        }

        private void run() {
            release.run();
            paths.forEach(NodeRemains::delete);
            if (directory != null) {
                deleteIfEmpty(directory);
            }
        }
    }

    /// @param service what serves pods: routes, socket
    /// @param journal what the node must not forget
    public NodeRemains(AllocationStore store, Outbox outbox, List<Removal> service, Removal journal) {
        this.store = store;
        this.outbox = outbox;
        this.service = List.copyOf(service);
        this.journal = journal;
    }

    /// To be called when nothing works on the node any more.
    public void remove() {
        int attachments = store.attachments().size();
        if (attachments > 0) {
            log.atInfo()
                    .addKeyValue("attachments", attachments)
                    .log("pods keep their interfaces; journal, routes and socket directory stay for the next agent");
            return;
        }
        service.forEach(Removal::run);
        int unsent = outbox.pending(1).size();
        if (unsent > 0) {
            log.atWarn().log("the ledger lacks events of this node; the journal stays for the next agent");
            return;
        }
        journal.run();
        log.atInfo().log("nothing of the agent is left on this node");
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
            log.atWarn().addKeyValue("path", path).addKeyValue("reason", e).log("cannot be removed");
        }
    }

    /// One that is mounted into the pod, or that holds what is not ours, stays.
    private static void deleteIfEmpty(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            log.atDebug()
                    .addKeyValue("directory", directory)
                    .addKeyValue("reason", e)
                    .log("directory stays");
        }
    }
}
