package io.multinic.ipam.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// PostgreSQL's programs, unpacked once per version and user from the archive on the class path.
///
/// Every user may execute them: root runs them as another one.
final class PostgresBinaries {
    private static final Set<PosixFilePermission> EXECUTABLE = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");

    private PostgresBinaries() {}

    /// The directory with `bin`, `lib` and `share`. Safe to call from several processes at once.
    static Path unpackedBelow(Path parent) {
        try {
            String archive = "/postgres-linux-" + architecture() + ".txz";
            Path home = parent.resolve("multi-nic-postgres-" + ProcessOwner.id() + "-" + fingerprint(archive));
            if (!Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS)) {
                unpack(archive, home);
            }
            if (!ProcessOwner.owns(home)) {
                throw new PostgresStartException(home + " belongs to somebody else; set"
                        + " multi-nic.ipam.embedded.binaries-directory to a directory of your own");
            }
            Files.setPosixFilePermissions(home, EXECUTABLE); // where an earlier version unpacked it for its owner only
            return home;
        } catch (IOException e) {
            throw new PostgresStartException("cannot unpack PostgreSQL below " + parent, e);
        }
    }

    private static String architecture() {
        String architecture = System.getProperty("os.arch");
        return switch (architecture) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "arm_64";
            default ->
                throw new PostgresStartException("no embedded PostgreSQL for " + architecture
                        + "; run without the profile `embedded` and set spring.datasource.url");
        };
    }

    private static InputStream open(String archive) {
        InputStream stream = PostgresBinaries.class.getResourceAsStream(archive);
        if (stream == null) {
            throw new PostgresStartException(archive + " is not on the class path");
        }
        return new BufferedInputStream(stream, 1 << 16);
    }

    private static String fingerprint(String archive) throws IOException {
        try (var stream = new DigestInputStream(open(archive), MessageDigest.getInstance("SHA-256"))) {
            stream.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(stream.getMessageDigest().digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Unpacks into a temporary directory and renames it, so that a home that exists is complete.
    private static void unpack(String archive, Path home) throws IOException {
        Files.createDirectories(home.getParent());
        Path aside = Files.createTempDirectory(
                home.getParent(),
                home.getFileName() + ".",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            try (var tar = new TarArchiveInputStream(new XZInputStream(open(archive)))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    unpack(tar, entry, aside);
                }
            }
            try (var directories = Files.walk(aside).filter(Files::isDirectory)) {
                for (Path directory : directories.toList()) {
                    Files.setPosixFilePermissions(directory, EXECUTABLE); // whatever the umask
                }
            }
            Files.move(aside, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            boolean unpackedByAnother = Files.isDirectory(home);
            deleteTree(aside);
            if (!unpackedByAnother) {
                throw e;
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path directory) throws IOException {
        Path target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
            throw new IOException("the archive has an entry outside of itself: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isFile()) {
            Files.copy(tar, target);
            boolean executable = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(target, executable ? EXECUTABLE : READABLE);
        }
    }

    static void deleteTree(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
