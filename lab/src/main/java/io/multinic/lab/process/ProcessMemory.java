package io.multinic.lab.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The memory of a process in KiB: resident, proportional (shared pages divided among their users), and anonymous.
public record ProcessMemory(long residentKiB, long proportionalKiB, long anonymousKiB) {
    /// Reads the kernel's `smaps_rollup`; empty if the process does not exist.
    public static Optional<ProcessMemory> of(long pid) {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup"));
            return Optional.of(
                    new ProcessMemory(field(lines, "Rss:"), field(lines, "Pss:"), field(lines, "Anonymous:")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static long field(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    public ProcessMemory plus(ProcessMemory other) {
        return new ProcessMemory(
                residentKiB + other.residentKiB,
                proportionalKiB + other.proportionalKiB,
                anonymousKiB + other.anonymousKiB);
    }
}
