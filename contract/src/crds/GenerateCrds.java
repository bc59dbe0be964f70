import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.multinic.contract.crd.DeviceClass;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.MultiNicNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Writes the CRDs of the custom resources into the directory that is its argument; run by the build.
///
/// It corrects two properties of fabric8's generator, for which its Maven plugin has no setting. The generator sorts
/// printer columns by their JSON paths; `kubectl get` shows them in the order of the CRD, so they get the order of the
/// class. And it finds the rules of a record's component twice, at the field and at the accessor, which API servers
/// refuse.
static final List<Class<? extends HasMetadata>> RESOURCES =
        List.of(MultiNicNetwork.class, HostInterface.class, DeviceClass.class);

void main(String[] args) throws Exception {
    Path directory = Files.createDirectories(Path.of(args[0]));
    var generated = new CRDGenerator()
            .forCRDVersions("v1")
            .customResourceClasses(RESOURCES)
            .withPostProcessor(new CRDPostProcessor() {
                @Override
                public HasMetadata process(HasMetadata crd, String crdVersion) {
                    return corrected((CustomResourceDefinition) crd);
                }
            })
            .inOutputDir(directory.toFile())
            .detailedGenerate();
    if (generated.numberOfGeneratedCRDs() != RESOURCES.size()) {
        throw new IllegalStateException(
                "generated " + generated.numberOfGeneratedCRDs() + " CRDs of " + RESOURCES.size() + " classes");
    }
}

CustomResourceDefinition corrected(CustomResourceDefinition crd) {
    var columns = declaredColumns(crd.getSpec().getNames().getKind());
    crd.getSpec().getVersions().forEach(version -> {
        version.getAdditionalPrinterColumns().sort(Comparator.comparingInt(c -> columns.indexOf(c.getName())));
        withoutRepetition(version.getSchema().getOpenAPIV3Schema());
    });
    return crd;
}

List<String> declaredColumns(String kind) {
    return RESOURCES.stream()
            .filter(type -> HasMetadata.getKind(type).equals(kind))
            .flatMap(type -> Arrays.stream(type.getAnnotationsByType(AdditionalPrinterColumn.class)))
            .map(AdditionalPrinterColumn::name)
            .toList();
}

void withoutRepetition(JSONSchemaProps schema) {
    var rules = schema.getXKubernetesValidations();
    if (rules != null) {
        schema.setXKubernetesValidations(rules.stream().distinct().toList());
    }
    if (schema.getProperties() != null) {
        schema.getProperties().values().forEach(this::withoutRepetition);
    }
    if (schema.getItems() != null && schema.getItems().getSchema() != null) {
        withoutRepetition(schema.getItems().getSchema());
    }
}
