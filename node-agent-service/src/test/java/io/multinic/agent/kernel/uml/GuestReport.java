package io.multinic.agent.kernel.uml;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// The result of one test inside the guest; a line of the report file.
///
/// @param failure why it failed or did not run, with its stack trace; empty if it passed
record GuestReport(String className, String test, long millis, String failure) {
    private static final String SEPARATOR = "\t";

    boolean passed() {
        return failure.isEmpty();
    }

    String toLine() {
        return String.join(SEPARATOR, className, encode(test), Long.toString(millis), encode(failure));
    }

    static GuestReport fromLine(String line) {
        String[] fields = line.split(SEPARATOR, -1);
        if (fields.length != 4) {
            throw new IllegalArgumentException("'" + line + "' is no report of a test");
        }
        return new GuestReport(fields[0], decode(fields[1]), Long.parseLong(fields[2]), decode(fields[3]));
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }
}
