package io.multinic.ipam.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The user that PostgreSQL's programs run as, and the command that makes them run as that user.
///
/// PostgreSQL refuses to run as root. A service that is not root runs it as itself. Root runs it as the system user
/// `daemon` by `setpriv`, which needs no namespace, so it works in a chroot and in containers; the cluster then belongs
/// to
/// that user.
///
/// @param prefix the command before the program's own; empty where there is none
/// @param id the owner of the cluster's files, as this process sees it
record PostgresUser(List<String> prefix, int id) {
    /// Every Linux has it (LSB, 23.2) for daemons that own files; PostgreSQL needs a user that has a name.
    private static final String SYSTEM_USER = "daemon";

    PostgresUser {
        prefix = List.copyOf(prefix);
    }

    /// The ways in which root can run PostgreSQL, best first.
    private static List<PostgresUser> forRoot() {
        int id = idOf(SYSTEM_USER);
        return List.of(
                setpriv(id),
                // A directory above the cluster, such as /root, may be closed to other users; these may enter it all
                // the
                // same. The default capabilities of a container have only the second one.
                setpriv(id, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
                setpriv(id, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
                // Root of a user namespace that maps no other id: in one more namespace PostgreSQL sees itself as
                // nobody.
                new PostgresUser(List.of("unshare", "-U"), 0));
    }

    private static PostgresUser setpriv(int id, String... capabilities) {
        var prefix = new ArrayList<>(List.of("setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"));
        prefix.addAll(List.of(capabilities));
        return new PostgresUser(prefix, id);
    }

    private static int idOf(String name) {
        try (Stream<String> users = Files.lines(Path.of("/etc/passwd"))) {
            return users.map(line -> line.split(":"))
                    .filter(fields -> fields.length > 2 && fields[0].equals(name))
                    .mapToInt(fields -> Integer.parseInt(fields[2]))
                    .findFirst()
                    .orElseThrow(
                            () -> new PostgresStartException("PostgreSQL refuses to run as root, and /etc/passwd has"
                                    + " no user " + name + "; add one, or run the service as another user"));
        } catch (IOException e) {
            throw new PostgresStartException("cannot read /etc/passwd", e);
        }
    }

    /// The user for a cluster in this directory.
    ///
    /// @param directory exists
    /// @throws PostgresStartException if this process is root and can run nothing as another user that can enter it
    static PostgresUser forDirectory(Path directory, Path binaries) {
        if (!ProcessOwner.isRoot()) {
            return new PostgresUser(List.of(), ProcessOwner.id());
        }
        return forRoot().stream()
                .filter(user -> user.canUse(directory, binaries))
                .findFirst()
                .orElseThrow(() -> new PostgresStartException("PostgreSQL refuses to run as root, and root can start no"
                        + " program as another user here that can enter " + directory + " and " + binaries
                        + "; run the service as another user, or choose directories that every user can enter with"
                        + " multi-nic.ipam.embedded.data-directory and binaries-directory, or run it without the profile"
                        + " `embedded` and with spring.datasource.url"));
    }

    private boolean canUse(Path directory, Path binaries) {
        String postgres = binaries.resolve("bin/postgres").toString();
        // PostgreSQL checks its own program by access(2), for which capabilities do not count.
        var script = List.of("sh", "-c", "cd \"$0\" && test -x \"$1\"", directory.toString(), postgres);
        try {
            Process probe = new ProcessBuilder(command(script))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return probe.waitFor(10, TimeUnit.SECONDS) && probe.exitValue() == 0;
        } catch (IOException e) {
            throw new PostgresStartException("cannot run `" + prefix.getFirst() + "`; install util-linux", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// The command that runs a program as this user.
    List<String> command(List<String> command) {
        return Stream.concat(prefix.stream(), command.stream()).toList();
    }

    /// Makes files and directories belong to this user, those of an earlier run as another user too.
    void own(Path path) throws IOException {
        if (!ProcessOwner.isRoot() || !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.toList()) {
                if (ProcessOwner.of(file) != id) {
                    Files.setAttribute(file, "unix:uid", id, LinkOption.NOFOLLOW_LINKS);
                    Files.setAttribute(file, "unix:gid", id, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }
}
