package io.multinic.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.context.annotation.Lazy;

/// Rules on the packages of the agent.
class AgentArchitectureTest {
    /// Packages of decisions: planners, allocators, selectors, differences.
    private static final String[] PURE_PACKAGES = {
        "io.multinic.agent.address..",
        "io.multinic.agent.attach.plan..",
        "io.multinic.agent.attach.state..",
        "io.multinic.agent.kernel.netlink..",
        "io.multinic.agent.kernel.nftables..",
        "io.multinic.agent.route.plan..",
        "io.multinic.agent.select..",
    };

    private static final String[] PURE_CLASSES = {
        "io.multinic.agent.cni.CniJson",
        "io.multinic.agent.cni.NetworkConfig",
        "io.multinic.agent.cni.CniEnvironment",
        "io.multinic.agent.nic.NicDiscovery",
        "io.multinic.agent.nic.NicExclusions",
    };

    private static final JavaClasses AGENT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.multinic.agent");

    /// Packages are subjects: a package with more files than this has two. The kernel package is one vocabulary.
    private static final int MAX_PACKAGE_SIZE = 20;

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.multinic.agent.(**)")
                .should()
                .beFreeOfCycles()
                .because("a subject can be read, tested and replaced only if it does not depend on itself")
                .check(AGENT);
    }

    @Test
    void subjectsHaveNoCycles() {
        slices().matching("io.multinic.agent.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a subject with its sub-packages is one part of the agent")
                .check(AGENT);
    }

    @Test
    void packagesAreSmall() {
        Map<String, Long> sizes = AGENT.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(Collectors.groupingBy(JavaClass::getPackageName, TreeMap::new, Collectors.counting()));
        sizes.remove("io.multinic.agent.kernel");
        assertThat(sizes).allSatisfy((name, size) -> assertThat(size).as(name).isLessThanOrEqualTo(MAX_PACKAGE_SIZE));
    }

    @Test
    void beansAreNotLookedUp() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ObjectFactory.class)
                .orShould()
                .beAnnotatedWith(Lazy.class)
                .because("a bean that is looked up later hides a cycle; Spring refuses cycles of constructor arguments")
                .check(AGENT);
    }

    @Test
    void foreignFunctionsAreCalledInTheKernelPackageOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.multinic.agent.kernel.linux..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .because("a wrong downcall ends the process; one small package is enough to look through")
                .check(AGENT);
    }

    @Test
    void sqlIsInTheJournalOnly() {
        noClasses()
                .that()
                .haveNameNotMatching("io\\.multinic\\.agent\\.journal\\.Sqlite.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.sqlite..")
                .because("durability is decided in one place, unknown to the allocator and the ports")
                .check(AGENT);
    }

    @Test
    void purePackagesDoNoInputOrOutput() {
        for (String pure : PURE_CLASSES) {
            checkPure(noClasses().that().haveFullyQualifiedName(pure));
        }
        for (String pure : PURE_PACKAGES) {
            checkPure(noClasses().that().resideInAPackage(pure));
        }
    }

    private void checkPure(GivenClassesConjunction pure) {
        pure.should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework..",
                        "org.slf4j..",
                        "java.sql..",
                        "java.nio.file..",
                        "java.net..",
                        "io.fabric8..")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .because("time and input are arguments, so that every case is a row of a table")
                .allowEmptyShould(false)
                .check(AGENT);
    }

    @Test
    void partsDoNotDependOnSpring() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.multinic.agent.address..",
                        "io.multinic.agent.journal..",
                        "io.multinic.agent.identity..",
                        "io.multinic.agent.ipam..",
                        "io.multinic.agent.route..",
                        "io.multinic.agent.reconcile..",
                        "io.multinic.agent.garbage..",
                        "io.multinic.agent.select..",
                        "io.multinic.agent.attach..",
                        "io.multinic.agent.kernel..",
                        "io.multinic.agent.cni..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..")
                .because("everything can be put together by hand, as its tests do")
                .check(AGENT);
    }

    @Test
    void webServerIsInTheCniPackageOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.multinic.agent.cni..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.catalina..", "jakarta.servlet..")
                .because("CNI is served on its Unix socket and nowhere else")
                .check(AGENT);
    }

    @Test
    void nothingDependsOnTheConfiguration() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.multinic.agent.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.multinic.agent.config..")
                .because("properties are read once, in the configuration; parts get values")
                .check(AGENT);
    }
}
