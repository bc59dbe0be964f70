package io.multinic.lab.run;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// Prints progress for a person. Each line starts with the seconds since the start.
public final class Progress {
    private final PrintStream out;
    private final long startNanos = System.nanoTime();

    public Progress(PrintStream out) {
        this.out = out;
    }

    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /// Prints one line with the time.
    public synchronized void step(String text) {
        out.printf(Locale.ROOT, "[%5.1f s] %s%n", elapsed().toMillis() / 1000.0, text);
        out.flush();
    }

    /// Prints text unchanged.
    public synchronized void show(String text) {
        out.println(text);
        out.flush();
    }
}
