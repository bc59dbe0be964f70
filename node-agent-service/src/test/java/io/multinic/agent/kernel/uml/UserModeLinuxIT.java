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

/// Boots User-Mode Linux, runs all test classes tagged `uml` in it and reports each of their tests. Those that are also
/// tagged `without-ipv6` run in a kernel of their own in which IPv6 is switched off.
///
/// `-Duml.only=Ipvlan` restricts it to classes with that in their name.
final class UserModeLinuxIT {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String WITHOUT_IPV6 = "without-ipv6";
    private static final String PACKAGE = "io.multinic.agent";

    @TestFactory
    List<DynamicNode> testsInUserModeLinux() throws Exception {
        List<String> classes = new ArrayList<>(taggedClasses(GuestMain.TAG));
        classes.removeAll(taggedClasses(WITHOUT_IPV6));
        return run(classes);
    }

    @TestFactory
    List<DynamicNode> testsWithoutIpv6() throws Exception {
        return run(taggedClasses(WITHOUT_IPV6), "ipv6.disable=1");
    }

    private static List<DynamicNode> run(List<String> classes, String... kernelParameters) throws Exception {
        assertThat(classes).as("test classes tagged " + GuestMain.TAG).isNotEmpty();
        Path init = Path.of("src/test/uml/init").toAbsolutePath();

        var run = new UserModeLinux(init, PATIENCE, kernelParameters).java(GuestMain.class.getName(), classes);

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

    private static List<String> taggedClasses(String tag) {
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectPackage(PACKAGE))
                .filters(TagFilter.includeTags(tag))
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
