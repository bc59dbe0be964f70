package io.multinic.lab;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// Tells a person what goes on: each line with the seconds since the start, and a line every few seconds of waiting.
public final class Progress {
    private final PrintStream out;
    private final long startNanos = System.nanoTime();

    public Progress(PrintStream out) {
        this.out = out;
    }

    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /// One line, with the time.
    public synchronized void step(String text) {
        out.printf(Locale.ROOT, "[%5.1f s] %s%n", elapsed().toMillis() / 1000.0, text);
        out.flush();
    }

    /// Text as it is.
    public synchronized void show(String text) {
        out.println(text);
        out.flush();
    }
}
