package io.multinic.agent.kernel.uml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// Boots one User-Mode Linux, runs all test classes tagged `uml` in it and reports each of their tests.
///
/// `-Duml.only=Ipvlan` restricts it to classes with that in their name.
final class UserModeLinuxIT {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String PACKAGE = "io.multinic.agent";

    @TestFactory
    List<DynamicNode> testsInUserModeLinux() throws Exception {
        List<String> classes = taggedClasses();
        assertThat(classes).as("test classes tagged " + GuestMain.TAG).isNotEmpty();
        Path init = Path.of("src/test/uml/init").toAbsolutePath();

        var run = new UserModeLinux(init, PATIENCE).java(GuestMain.class.getName(), classes);

        var reports = run.report().stream().map(GuestReport::fromLine).toList();
        var byClass = new TreeMap<>(reports.stream().collect(Collectors.groupingBy(GuestReport::className)));
        var nodes = new ArrayList<DynamicNode>();
        byClass.forEach((name, tests) -> nodes.add(dynamicContainer(
                name, tests.stream().map(UserModeLinuxIT::shown).toList())));
        nodes.add(dynamicTest("the guest ran to its end", () -> {
            assertThat(run.status()).as(run.console()).isZero();
            assertThat(byClass.keySet()).as(run.console()).containsAll(classes);
        }));
        return nodes;
    }

    private static DynamicNode shown(GuestReport report) {
        return dynamicTest(report.test() + " (" + report.millis() + " ms)", () -> {
            if (!report.passed()) {
                throw new AssertionError(
                        report.className() + "." + report.test() + " inside User-Mode Linux: " + report.failure());
            }
        });
    }

    private static List<String> taggedClasses() {
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectPackage(PACKAGE))
                .filters(TagFilter.includeTags(GuestMain.TAG))
                .build();
        var plan = LauncherFactory.create().discover(request);
        var names = new TreeSet<String>();
        for (var root : plan.getRoots()) {
            for (TestIdentifier test : plan.getDescendants(root)) {
                test.getSource()
                        .filter(ClassSource.class::isInstance)
                        .map(source -> ((ClassSource) source).getClassName())
                        .ifPresent(names::add);
            }
        }
        String only = System.getProperty("uml.only", "");
        return names.stream().filter(name -> name.contains(only)).toList();
    }
}
