package io.multinic.contract.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/// Parsed content of a file, read again when the file has changed. Each access costs one `stat`, which follows the
/// symbolic links that a kubelet replaces.
final class RenewedFile<T> {
    private final Path path;
    private final Parser<T> parser;
    private volatile @Nullable Known<T> known;

    /// Parser of the file.
    @FunctionalInterface
    interface Parser<T> {
        T read(Path path) throws IOException, GeneralSecurityException;
    }

    /// Identifies one version of the file.
    private record Stamp(
            FileTime modified, long size, @Nullable Object inode) {
        static Stamp of(Path path) throws IOException {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        }
    }

    private record Known<T>(Stamp stamp, T content) {}

    RenewedFile(Path path, Parser<T> parser) {
        this.path = path;
        this.parser = parser;
    }

    Path path() {
        return path;
    }

    /// The content of the present file; an error if it cannot be read, never the content of an earlier one.
    T content() throws IOException, GeneralSecurityException {
        // Before the content: if the file is replaced in between, the new content is only read once more.
        Stamp stamp = Stamp.of(path);
        Known<T> last = known;
        if (last != null && last.stamp().equals(stamp)) {
            return last.content();
        }
        T content = parser.read(path);
        known = new Known<>(stamp, content);
        return content;
    }
}
