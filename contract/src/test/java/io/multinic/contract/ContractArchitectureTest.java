package io.multinic.contract;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ContractArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.multinic.contract");

    @Test
    void addressesAndMessagesKnowOnlyTheJdk() {
        classes()
                .that()
                .resideOutsideOfPackage("..crd..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.net.ssl..",
                        "org.jspecify..",
                        "com.fasterxml.jackson.annotation..",
                        "io.multinic.contract..")
                .because("every process reads them, also those that must stay small and those without Kubernetes")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.multinic.contract.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a package must be understood without those that are built on it")
                .check(CLASSES);
    }
}
