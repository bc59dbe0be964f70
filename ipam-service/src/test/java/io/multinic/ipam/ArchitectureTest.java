package io.multinic.ipam;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.multinic.ipam");

    @Test
    void planAndLedgerDecisionsArePure() {
        noClasses()
                .that()
                .resideInAnyPackage("io.multinic.ipam.plan", "io.multinic.ipam.ledger", "io.multinic.ipam.lineage")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "io.multinic.contract..",
                        "io.multinic.ipam.plan",
                        "io.multinic.ipam.ledger",
                        "io.multinic.ipam.lineage",
                        "java.lang..",
                        "java.util..",
                        "java.time..",
                        "org.jspecify..")
                .because("what decides is tested by thousands of random walks: no Spring, SQL, logger or clock in it")
                .check(CLASSES);
    }

    @Test
    void nobodyAsksTheClockInDecisions() {
        noClasses()
                .that()
                .resideInAnyPackage("io.multinic.ipam.plan", "io.multinic.ipam.ledger", "io.multinic.ipam.lineage")
                .should()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .because("time comes in as an argument, so that a test can be at any moment")
                .check(CLASSES);
    }

    @Test
    void onlyTheStoreSpeaksSql() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.multinic.ipam.store", "io.multinic.ipam.config")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework.jdbc..", "jakarta.persistence..", "org.hibernate..")
                .because("each technology is touched in one place; entities do not leak out of the store")
                .check(CLASSES);
    }

    @Test
    void nobodyTouchesKubernetes() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8..", "io.multinic.contract.crd..")
                .because("the controller is the only bridge between Kubernetes and the plan")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.multinic.ipam.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a package can be understood without those that use it")
                .check(CLASSES);
    }

    @Test
    void theEdgeHoldsNoDecisions() {
        noClasses()
                .that()
                .resideInAPackage("io.multinic.ipam.rest")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.multinic.ipam.plan")
                .because("the REST edge checks and maps; what a request means is the registry's matter")
                .check(CLASSES);
    }
}
