package io.multinic.agent.kernel.uml;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// Runs test classes inside the guest and reports each test when it ends.
final class GuestMain implements TestExecutionListener {
    static final String TAG = "uml";

    private final Path report;
    private final Map<String, Long> started = new HashMap<>();

    private GuestMain(Path report) {
        this.report = report;
    }

    /// @param arguments the report file, then the classes
    public static void main(String... arguments) {
        var classes = Stream.of(arguments)
                .skip(1)
                .map(DiscoverySelectors::selectClass)
                .toList();
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(classes)
                .filters(TagFilter.includeTags(TAG))
                .build();
        LauncherFactory.create().execute(request, new GuestMain(Path.of(arguments[0])));
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        started.put(test.getUniqueId(), System.nanoTime());
    }

    /// A skipped test is reported as a failure.
    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        write(test, "skipped: " + reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        boolean successful = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
        if (test.isTest() || !successful) {
            write(
                    test,
                    successful
                            ? ""
                            : result.getThrowable().map(GuestMain::trace).orElse("aborted"));
        }
    }

    private void write(TestIdentifier test, String failure) {
        long start = started.getOrDefault(test.getUniqueId(), System.nanoTime());
        long millis = (System.nanoTime() - start) / 1_000_000;
        var line = new GuestReport(className(test), name(test), millis, failure).toLine();
        try {
            Files.write(report, List.of(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(TestIdentifier test) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getMethodName())
                .map(method -> test.getDisplayName().startsWith(method) ? method : method + " " + test.getDisplayName())
                .orElse(test.getDisplayName());
    }

    private static String className(TestIdentifier test) {
        return test.getSource()
                .map(source -> switch (source) {
                    case MethodSource method -> method.getClassName();
                    case ClassSource type -> type.getClassName();
                    default -> "?";
                })
                .orElse("?");
    }

    private static String trace(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
