package io.multinic.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class E2eArchitectureTest {
    private static final int MAX_FILES_IN_PACKAGE = 20;

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.multinic.e2e");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.multinic.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void packagesHaveAtMostTwentyFiles() {
        assertThat(CLASSES.stream()
                        .filter(JavaClass::isTopLevelClass)
                        .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting())))
                .isNotEmpty()
                .allSatisfy((name, files) -> assertThat(files).as(name).isLessThanOrEqualTo(MAX_FILES_IN_PACKAGE));
    }

    /// The services run in the cluster; the steps use no class of theirs.
    @Test
    void stepsUseLabAndContractOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("io.multinic.."))
                        .or(JavaClass.Predicates.resideInAnyPackage(
                                "io.multinic.e2e..", "io.multinic.lab..", "io.multinic.contract.."))
                        .as("belong to e2e, the lab, the contract or a library"))
                .check(CLASSES);
    }
}
