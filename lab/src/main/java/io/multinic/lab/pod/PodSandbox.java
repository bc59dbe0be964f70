package io.multinic.lab.pod;

import io.multinic.lab.process.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/// A pod's sandbox: container id and network namespace.
public record PodSandbox(String containerId, String namespace) {
    private static final int ID_BYTES = 32;

    /// Creates the namespace with loopback up.
    public void create() {
        Command.of("ip", "netns", "add", namespace).run().orThrow();
        Command.of("ip", "-netns", namespace, "link", "set", "lo", "up").run().orThrow();
    }

    static String newId(Random random) {
        var bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// The value of CNI_NETNS.
    public Path path() {
        return Path.of("/run/netns", namespace);
    }

    /// A command that runs in the pod's network namespace.
    public Command inside(String... command) {
        var line = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        line.addAll(List.of(command));
        return Command.of(line);
    }

    public void delete() {
        Command.of("ip", "netns", "delete", namespace).run().orThrow();
    }
}
