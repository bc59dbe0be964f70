package io.multinic.lab.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a process has in memory, in KiB: all of it, its share of what is shared, and what no other process shares and
/// no file backs.
public record Memory(long residentKiB, long proportionalKiB, long anonymousKiB) {
    /// From the kernel's `smaps_rollup`; empty where the process is gone.
    public static Optional<Memory> of(long pid) {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup"));
            return Optional.of(new Memory(field(lines, "Rss:"), field(lines, "Pss:"), field(lines, "Anonymous:")));
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

    public Memory plus(Memory other) {
        return new Memory(
                residentKiB + other.residentKiB,
                proportionalKiB + other.proportionalKiB,
                anonymousKiB + other.anonymousKiB);
    }
}
