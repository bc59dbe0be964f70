package io.multinic.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// The lines between the parts of the agent.
class AgentArchitectureTest {
    private static final String[] PURE_CLASSES = {
        "io.multinic.agent.address.BlockAllocator",
        "io.multinic.agent.address.BlockUse",
        "io.multinic.agent.select.NicSelector",
        "io.multinic.agent.attach.AttachmentPlanner",
        "io.multinic.agent.attach.PodRoutes",
        "io.multinic.agent.attach.WiringParser",
        "io.multinic.agent.cni.CniJson",
        "io.multinic.agent.cni.NetworkConfig",
        "io.multinic.agent.cni.CniEnvironment",
        "io.multinic.agent.nic.NicDiscovery",
        "io.multinic.agent.nic.NicExclusions",
        "io.multinic.agent.route.HostRoutesPlan",
        "io.multinic.agent.route.HostRoutesState",
        "io.multinic.agent.route.LocalNic",
        "io.multinic.agent.route.ObservedRoutes",
        "io.multinic.agent.route.RouteDiff",
    };

    private final JavaClasses agent = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.multinic.agent");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.multinic.agent.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a subject can be read, tested and replaced only if it does not lead back to itself")
                .check(agent);
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
                .check(agent);
    }

    @Test
    void sqlIsInTheJournalOnly() {
        noClasses()
                .that()
                .haveNameNotMatching("io\\.multinic\\.agent\\.address\\.Sqlite.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.sqlite..")
                .because("what is durable, and when, is decided in one place; the allocator and the port do not know")
                .check(agent);
    }

    @Test
    void pureClassesKnowNoWorld() {
        for (String pure : PURE_CLASSES) {
            noClasses()
                    .that()
                    .haveFullyQualifiedName(pure)
                    .should()
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
                    .because("time and the world come in as arguments, so that every case is a table row")
                    .allowEmptyShould(false)
                    .check(agent);
        }
    }

    @Test
    void springIsInTheWiringAndAtTheEdgesOnly() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.multinic.agent.address..",
                        "io.multinic.agent.select..",
                        "io.multinic.agent.attach..",
                        "io.multinic.agent.kernel..",
                        "io.multinic.agent.cni..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..")
                .because("everything can be put together by hand, as its tests do")
                .check(agent);
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
                .check(agent);
    }

    @Test
    void nothingDependsOnTheWiring() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.multinic.agent.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.multinic.agent.config..")
                .because("properties are read once, in the wiring; parts get values")
                .check(agent);
    }
}
