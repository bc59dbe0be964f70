package io.multinic.agent.kernel.uml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Boots Debian's `user-mode-linux` on the host's own root file system, read-only, and runs a Java program in it.
///
/// Needs no privilege. The guest's memory is a file, preferably in `/dev/shm`; all its files are deleted.
final class UserModeLinux {
    private static final List<Path> NEEDED = List.of(
            Path.of("/usr/bin/linux.uml"),
            Path.of("/usr/lib/uml/modules"),
            Path.of("/sbin/modprobe"),
            Path.of("/bin/busybox"));
    private static final long MEMORY = 1L << 30;
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Path init;
    private final Duration patience;
    private final List<String> kernelParameters;

    /// @param init the guest's first process
    /// @param patience how long the guest may take, boot included
    /// @param kernelParameters more of the kernel's command line
    UserModeLinux(Path init, Duration patience, String... kernelParameters) {
        this.init = init;
        this.patience = patience;
        this.kernelParameters = List.of(kernelParameters);
    }

    /// Result of a run.
    ///
    /// @param status exit status of the program; -1 if it did not exit
    /// @param report the lines that the program wrote to the file named by its first argument
    /// @param console output of the kernel, then of the program
    record Run(int status, List<String> report, String console) {}

    /// @throws IllegalStateException naming what is not installed
    Run java(String mainClass, List<String> arguments) throws IOException, InterruptedException {
        List<Path> missing = NEEDED.stream().filter(Files::notExists).toList();
        if (!missing.isEmpty()) {
            throw new IllegalStateException(missing + " not found; install the Debian packages"
                    + " user-mode-linux, kmod and busybox-static (ipvlan is tested in User-Mode Linux)");
        }
        Path directory = Files.createTempDirectory(place(), "uml");
        try {
            Files.writeString(
                    directory.resolve("java"),
                    Path.of(System.getProperty("java.home"), "bin", "java").toString());
            Files.write(directory.resolve("java.args"), javaArguments(mainClass, arguments));
            String kernelLog = boot(directory);
            return new Run(
                    Integer.parseInt(read(directory.resolve("status"), "-1").strip()),
                    read(directory.resolve("report"), "").lines().toList(),
                    kernelLog + read(directory.resolve("console"), ""));
        } finally {
            delete(directory);
        }
    }

    /// Directory for the guest's memory: `/dev/shm` if it has enough space.
    private static Path place() throws IOException {
        Path memory = Path.of("/dev/shm");
        boolean roomy = Files.isWritable(memory) && Files.getFileStore(memory).getUsableSpace() > MEMORY;
        return roomy ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /// Arguments of the JVM: C1 and the serial collector, since the guest has one slow processor.
    private static List<String> javaArguments(String mainClass, List<String> arguments) {
        var lines = new ArrayList<>(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xmx384m",
                "-Djava.io.tmpdir=/dev/shm",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                quoted(System.getProperty("java.class.path")),
                mainClass,
                "/run/guest/report"));
        arguments.forEach(argument -> lines.add(quoted(argument)));
        return lines;
    }

    private static String quoted(String argument) {
        return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /// Stops the guest by SIGTERM, which ends all its processes; after SIGKILL some would remain.
    private String boot(Path directory) throws IOException, InterruptedException {
        Path log = directory.resolve("kernel.log");
        var builder = new ProcessBuilder(new ArrayList<>(List.of(
                "timeout",
                Long.toString(patience.plus(GRACE).toSeconds()),
                "linux.uml",
                "rootfstype=hostfs",
                "rootflags=/",
                "ro",
                "mem=" + MEMORY,
                "uml_dir=" + directory,
                "guest=" + directory,
                "init=" + init,
                "con=null",
                "con0=null,fd:1",
                "quiet")));
        builder.command().addAll(kernelParameters);
        builder.environment().put("TMPDIR", directory.toString());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        Process guest = builder.start();
        var stopper = new Thread(() -> stopAndDelete(guest, directory));
        Runtime.getRuntime().addShutdownHook(stopper);
        try {
            if (!guest.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                stop(guest);
                return read(log, "") + "\nstopped: the guest took longer than " + patience.toSeconds() + " s\n";
            }
            return read(log, "");
        } finally {
            stop(guest);
            Runtime.getRuntime().removeShutdownHook(stopper);
        }
    }

    /// Shutdown hook for a test run that is terminated, whose `finally` blocks do not run.
    private static void stopAndDelete(Process guest, Path directory) {
        stop(guest);
        try {
            delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void stop(Process guest) {
        guest.destroy();
        try {
            if (!guest.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS)) {
                guest.descendants().forEach(ProcessHandle::destroyForcibly);
                guest.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String read(Path file, String absent) throws IOException {
        return Files.exists(file) ? Files.readString(file) : absent;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
