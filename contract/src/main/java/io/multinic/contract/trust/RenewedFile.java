package io.multinic.contract.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/// What a file says: read once, and again when the file is another one than before. A look costs one
/// `stat`, which follows the symbolic links that a kubelet swaps.
final class RenewedFile<T> {
    private final Path path;
    private final Reading<T> reading;
    private volatile @Nullable Known<T> known;

    /// Makes of a file what it stands for.
    @FunctionalInterface
    interface Reading<T> {
        T read(Path path) throws IOException, GeneralSecurityException;
    }

    /// What tells two files apart under one name.
    private record Stamp(
            FileTime modified, long size, @Nullable Object inode) {
        static Stamp of(Path path) throws IOException {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        }
    }

    private record Known<T>(Stamp stamp, T content) {}

    RenewedFile(Path path, Reading<T> reading) {
        this.path = path;
        this.reading = reading;
    }

    Path path() {
        return path;
    }

    /// Never what an earlier file said: where the present one cannot be read, that is an error.
    T content() throws IOException, GeneralSecurityException {
        // Before the content: of a file that is replaced in between, the new content is only read once more.
        Stamp stamp = Stamp.of(path);
        Known<T> last = known;
        if (last != null && last.stamp().equals(stamp)) {
            return last.content();
        }
        T content = reading.read(path);
        known = new Known<>(stamp, content);
        return content;
    }
}
