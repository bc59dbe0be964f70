package io.multinic.agent.garbage;

import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NamespaceId;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Reads the addresses of all network namespaces that this process can find: its own, those that a runtime has named in
/// a directory, and those of processes. An agent without `hostPID` sees no processes of the node; neither could it have
/// attached pods whose namespaces have no name.
public final class NamespaceAddresses implements AddressHolders {
    private final Kernel kernel;
    private final Path named;
    private final Path processes;

    /// @param named directory of named namespaces, such as `/run/netns`
    /// @param processes mount point of proc
    public NamespaceAddresses(Kernel kernel, Path named, Path processes) {
        this.kernel = kernel;
        this.named = named;
        this.processes = processes;
    }

    @Override
    public Map<IpAddress, String> holders() {
        Map<IpAddress, String> holders = new HashMap<>();
        Set<NamespaceId> read = new HashSet<>();
        try (var own = kernel.ownNamespace()) {
            read.add(own.id());
            addAddresses(own, "the node's own", holders);
        }
        for (Path path : paths()) {
            open(path).ifPresent(found -> {
                try (var namespace = found) {
                    if (read.add(namespace.id())) {
                        addAddresses(namespace, path.toString(), holders);
                    }
                }
            });
        }
        return holders;
    }

    private void addAddresses(NetworkNamespace namespace, String name, Map<IpAddress, String> holders) {
        try (var stack = kernel.open(namespace)) {
            for (InterfaceAddress address : stack.addresses()) {
                holders.put(address.address().address(), name);
            }
        }
    }

    /// Empty if the namespace has ended, or the path is none.
    private Optional<NetworkNamespace> open(Path path) {
        try {
            return Optional.of(kernel.openNamespace(path));
        } catch (MultiNicException e) {
            if (e.code() == ErrorCode.NETNS_UNUSABLE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Paths of all namespaces; of those of processes one for each.
    private List<Path> paths() {
        List<Path> paths = new ArrayList<>(list(named));
        Set<Path> known = new HashSet<>();
        for (Path process : list(processes)) {
            Path path = process.resolve("ns/net");
            if (process.getFileName().toString().matches("\\d+")
                    && target(path).filter(known::add).isPresent()) {
                paths.add(path);
            }
        }
        return paths;
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " cannot be read", e);
        }
    }

    /// The identity that the link names, such as `net:[4026531840]`; empty if the process has ended.
    private static Optional<Path> target(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            if (!Files.exists(link.getParent())) {
                return Optional.empty();
            }
            throw new UncheckedIOException(link + " cannot be read", e);
        }
    }
}
