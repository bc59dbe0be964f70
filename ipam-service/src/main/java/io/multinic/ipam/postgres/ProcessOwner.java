package io.multinic.ipam.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// The user this process runs as.
final class ProcessOwner {
    private ProcessOwner() {}

    static boolean isRoot() {
        return uidOf(Path.of("/proc/self")) == 0;
    }

    static String name() {
        return Integer.toString(uidOf(Path.of("/proc/self")));
    }

    static boolean owns(Path path) {
        return uidOf(path) == uidOf(Path.of("/proc/self"));
    }

    private static int uidOf(Path path) {
        try {
            // /proc/self is a link that belongs to whoever asks; a link in a directory of ours is nobody's proof
            return path.startsWith("/proc")
                    ? (Integer) Files.getAttribute(path, "unix:uid")
                    : (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new PostgresStartException("cannot see who owns " + path, e);
        }
    }
}
