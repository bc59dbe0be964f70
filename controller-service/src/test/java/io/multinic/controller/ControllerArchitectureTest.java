package io.multinic.controller;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Configuration;

class ControllerArchitectureTest {
    private static final int LARGEST_PACKAGE = 20;
    private static final String BASE = "io.multinic.controller";
    private static final String[] PURE = {
        BASE + ".attachment", BASE + ".decision", BASE + ".network", BASE + ".node", BASE + ".status"
    };

    /// Without the classes that Spring's AOT processing generates into the same directory.
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOptions(
                    List.of(new ImportOption.DoNotIncludeTests(), ControllerArchitectureTest::isNotGenerated))
            .importPackages(BASE);

    private static boolean isNotGenerated(Location location) {
        return !location.contains("__") && !location.contains("$$");
    }

    @Test
    void purePackagesDependOnValuesOnly() {
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
                        "io.multinic.contract.address..",
                        "io.multinic.contract.crd..",
                        "io.multinic.contract.error..",
                        "io.multinic.contract.wire..",
                        BASE + ".attachment",
                        BASE + ".decision",
                        BASE + ".network",
                        BASE + ".node",
                        BASE + ".status")
                .because("decisions must be testable as tables, without servers; of fabric8 they use only the Condition"
                        + " of a status")
                .check(CLASSES);
    }

    @Test
    void purePackagesReadNoClock() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.time.Clock")
                .because("a status must depend on the observations and on nothing else")
                .check(CLASSES);
    }

    @Test
    void onlyReconcilersAndTheirLifecycleUseTheApiServer() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..kubernetes..", "..reconcile..", "..lifecycle..", "..config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8.kubernetes.client..", "io.javaoperatorsdk..")
                .because("a change of Kubernetes' client must affect one part only")
                .check(CLASSES);
    }

    @Test
    void onlyTheIpamAdapterUsesHttp() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..ipam..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.net.http..",
                        "io.multinic.contract.http..",
                        "org.springframework.web.client..",
                        "org.springframework.http..")
                .because("ipam-service is behind a port, and the reconcilers must not depend on its protocol")
                .check(CLASSES);
    }

    @Test
    void onlyConfigurationLifecycleAndHealthUseSpring() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..config..", "..lifecycle..", "..ipam..", BASE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..")
                .because("explicit beans in one package show the parts of the controller")
                .check(CLASSES);
    }

    @Test
    void beansAreExplicitAndHaveNoCycles() {
        // Without lookups at run time, bean methods that call constructors cannot form a cycle: Spring fails at start.
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "org\\.springframework\\.(beans\\.factory\\.ObjectProvider|context\\.annotation\\.Lazy"
                                + "|context\\.ApplicationContext|beans\\.factory\\.BeanFactory)")
                .because("a bean that is looked up later hides a cycle")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(BASE + ".(**)")
                .should()
                .beFreeOfCycles()
                .because("a part that can be understood alone can be changed alone")
                .check(CLASSES);
    }

    @Test
    void packagesHaveAtMostTwentyFiles() {
        var files = CLASSES.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(groupingBy(JavaClass::getPackageName, counting()));
        assertThat(files).allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(LARGEST_PACKAGE));
    }

    @Test
    void configurationClassesAndLoggersHaveOneNaming() {
        classes()
                .that()
                .areAnnotatedWith(Configuration.class)
                .should()
                .haveSimpleNameEndingWith("Configuration")
                .andShould()
                .resideInAPackage("..config")
                .check(CLASSES);
        classes()
                .that()
                .areAnnotatedWith(ConfigurationProperties.class)
                .should()
                .haveSimpleNameEndingWith("Properties")
                .andShould()
                .resideInAPackage("..config")
                .check(CLASSES);
        noFields()
                .that()
                .haveRawType(Logger.class)
                .should()
                .haveNameNotMatching("log")
                .check(CLASSES);
    }
}
