package io.multinic.ipam;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class IpamArchitectureTest {
    private static final String ROOT = "io.multinic.ipam.";
    /// Packages of decisions: no I/O, framework, logger or clock.
    private static final String[] PURE = {ROOT + "plan", ROOT + "recovery", ROOT + "ledger", ROOT + "poll"};

    private static final int MAX_CLASSES = 20;

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.multinic.ipam");

    @Test
    void purePackagesDependOnContractAndJdkOnly() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "io.multinic.contract..",
                        PURE[0],
                        PURE[1],
                        PURE[2],
                        PURE[3],
                        "java.lang..",
                        "java.util..",
                        "java.time..",
                        "org.jspecify..")
                .because("decisions are tested by thousands of random walks: no Spring, SQL, logger or clock in them")
                .check(CLASSES);
    }

    @Test
    void purePackagesDoNotReadTheClock() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .because("time is an argument, so that a test can choose any moment")
                .check(CLASSES);
    }

    @Test
    void onlyStoresUseSql() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "store..", ROOT + "config")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework.jdbc..", "jakarta.persistence..", "org.hibernate..")
                .because("each technology is used in one place; entities do not leak out of the stores")
                .check(CLASSES);
    }

    @Test
    void nothingUsesKubernetes() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8..", "io.multinic.contract.crd..")
                .because("the controller is the only bridge between Kubernetes and the plan")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.multinic.ipam.(**)")
                .should()
                .beFreeOfCycles()
                .because("a package can be understood without those that use it")
                .check(CLASSES);
    }

    @Test
    void layersDependDownwardsOnly() {
        String[] belowRest = {
            ROOT + "service..", ROOT + "delivery", ROOT + "store..", PURE[0], PURE[1], PURE[2], PURE[3]
        };
        String[] belowService = {ROOT + "store..", PURE[0], PURE[1], PURE[2], PURE[3]};
        noClasses()
                .that()
                .resideInAnyPackage(belowRest)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + "rest..", ROOT + "openapi", ROOT + "security", ROOT + "config")
                .because("services know nothing of HTTP")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAnyPackage(belowService)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + "service..", ROOT + "delivery", ROOT + "metrics")
                .because("stores and decisions know nothing of the services that use them")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "rest..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(PURE[0])
                .because("the REST edge checks and maps requests; decisions belong to the services")
                .check(CLASSES);
    }

    @Test
    void beansAreWiredByConstructorsOnly() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.springframework.beans.factory.ObjectProvider")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.springframework.beans.factory.ObjectFactory")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.springframework.context.annotation.Lazy")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.springframework.beans.factory.annotation.Autowired")
                .because("constructor injection without late lookups makes a cycle of beans an error at start")
                .check(CLASSES);
    }

    @Test
    void configurationClassesHaveOneSuffixAndOnePackage() {
        classes()
                .that()
                .areAnnotatedWith("org.springframework.context.annotation.Configuration")
                .should()
                .haveSimpleNameEndingWith("Configuration")
                .andShould()
                .resideInAPackage(ROOT + "config")
                .check(CLASSES);
    }

    @Test
    void packagesHaveAtMostTwentyFiles() {
        Map<String, Long> sizes = CLASSES.stream()
                .filter(JavaClass::isTopLevelClass)
                .map(JavaClass::getPackageName)
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
        sizes.values().removeIf(size -> size <= MAX_CLASSES);
        assertThat(sizes).isEmpty();
    }
}
