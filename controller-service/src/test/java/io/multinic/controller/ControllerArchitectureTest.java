package io.multinic.controller;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControllerArchitectureTest {
    private static final String[] PURE = {"..network..", "..status..", "..attachment..", "..node.."};
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOptions(List.of(new ImportOption.DoNotIncludeTests()))
            .importPackages("io.multinic.controller");

    @Test
    void decisionsKnowNoTechnology() {
        classes()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java.lang..",
                        "java.util..",
                        "java.time..",
                        "org.jspecify..",
                        "tools.jackson..",
                        "io.fabric8.kubernetes.api.model",
                        "io.multinic.contract..",
                        "io.multinic.controller.network..",
                        "io.multinic.controller.status..",
                        "io.multinic.controller.attachment..",
                        "io.multinic.controller.node..")
                .because("what is decided about a network must be testable as a table, without servers; of fabric8 only"
                        + " the Condition that stands in a status is known")
                .check(CLASSES);
    }

    @Test
    void decisionsGetTheTimeAsAnArgument() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.time.Clock")
                .because("a status must depend on what was observed and on nothing else")
                .check(CLASSES);
    }

    @Test
    void onlyReconcilersAndWiringTouchTheApiServer() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..kubernetes..", "..config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8.kubernetes.client..", "io.javaoperatorsdk..")
                .because("Kubernetes' client is touched in one place, so that a change of it is one too")
                .check(CLASSES);
    }

    @Test
    void onlyTheIpamAdapterSpeaksHttp() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..ipam..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net.http..", "org.springframework.web.client..", "org.springframework.http..")
                .because("ipam-service is behind a port; the reconcilers must not care how it is reached")
                .check(CLASSES);
    }

    @Test
    void springIsWiringOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..config..", "..ipam..", "io.multinic.controller")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..")
                .because("explicit beans in one package show what the controller is made of")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.multinic.controller.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a part that can be understood alone can be changed alone")
                .check(CLASSES);
    }
}
