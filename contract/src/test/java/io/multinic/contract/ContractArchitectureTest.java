package io.multinic.contract;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ContractArchitectureTest {
    private static final int LARGEST_PACKAGE = 20;
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.multinic.contract");

    @Test
    void onlyCrdClassesDependOnMoreThanTheJdkAndAnnotations() {
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
                .because("every process uses them, also those that must stay small and those without Kubernetes")
                .check(CLASSES);
    }

    @Test
    void onlyHttpAndTrustDoInputAndOutput() {
        noClasses()
                .that()
                .resideInAnyPackage("..address..", "..error..", "..wire..", "..retry..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net.http..",
                        "javax.net..",
                        "io.multinic.contract.http..",
                        "io.multinic.contract.trust..")
                .because("addresses, messages and errors are values")
                .check(CLASSES);
    }

    @Test
    void valuesReadNoClock() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..http..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .because("time comes in as an argument")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.multinic.contract.(**)")
                .should()
                .beFreeOfCycles()
                .because("a package must be understood without those that are built on it")
                .check(CLASSES);
    }

    @Test
    void packagesHaveAtMostTwentyFilesExceptWire() {
        var files = CLASSES.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(groupingBy(JavaClass::getPackageName, counting()));
        // One record for each message: a package of them is a list, and has no second subject.
        files.remove("io.multinic.contract.wire");
        assertThat(files).allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(LARGEST_PACKAGE));
    }
}
