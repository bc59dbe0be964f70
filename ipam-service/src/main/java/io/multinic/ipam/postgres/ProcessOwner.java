package io.multinic.ipam.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// The user this process runs as.
final class ProcessOwner {
    private static final Path SELF = Path.of("/proc/self");

    private ProcessOwner() {}

    static boolean isRoot() {
        return id() == 0;
    }

    static int id() {
        return attribute(SELF);
    }

    static boolean owns(Path path) {
        return of(path) == id();
    }

    /// The user id that owns a file; of a symbolic link, the link's own.
    static int of(Path path) {
        return attribute(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static int attribute(Path path, LinkOption... options) {
        try {
            return (Integer) Files.getAttribute(path, "unix:uid", options);
        } catch (IOException e) {
            throw new PostgresStartException("cannot read the owner of " + path, e);
        }
    }
}
