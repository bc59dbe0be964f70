package io.multinic.charts;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The chart as built by `make chart`, rendered by Helm's own code for a release `multi-nic` in a namespace
/// `multi-nic`.
final class Chart {
    static final String NAMESPACE = "multi-nic";
    static final String TRIAL = "postgresql: {trial: {enabled: true}}";

    private static final String KUBERNETES = "1.36.0";
    private static final Pattern BETWEEN_DOCUMENTS = Pattern.compile("(?m)^---$");

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private Chart() {}

    static Path folder() {
        return Path.of(System.getProperty("chart"));
    }

    static LintResult lint() {
        return new Helm(folder()).lint().strict().call();
    }

    /// The objects that are installed into a cluster with the given objects.
    static Objects render(String values, HasMetadata... present) {
        try (var _ = new StubCluster(present)) {
            return Objects.parse(new Helm(folder())
                    .template()
                    .withName("multi-nic")
                    .withNamespace(NAMESPACE)
                    .withKubeVersion(KUBERNETES)
                    .withValuesFile(file(values))
                    .call());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The notes that `helm install` prints.
    static String notes(String values) {
        return new Helm(folder())
                .install()
                .withName("multi-nic")
                .withNamespace(NAMESPACE)
                .withKubeVersion(KUBERNETES)
                .clientOnly()
                .dryRun()
                .withDryRunOption(DryRun.CLIENT)
                .withValuesFile(file(values))
                .call()
                .getOutput();
    }

    private static Path file(String values) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            file.toFile().deleteOnExit();
            return Files.writeString(file, values);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Rendered objects.
    record Objects(List<HasMetadata> all) {
        static Objects parse(String yaml) {
            return new Objects(BETWEEN_DOCUMENTS
                    .splitAsStream(yaml)
                    .filter(document -> document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                    .<HasMetadata>map(SERIALIZATION::unmarshal)
                    .toList());
        }

        <T extends HasMetadata> Stream<T> of(Class<T> kind) {
            return all.stream().filter(kind::isInstance).map(kind::cast);
        }

        <T extends HasMetadata> T one(Class<T> kind, String name) {
            return of(kind).filter(object -> object.getMetadata().getName().equals(name))
                    .findAny()
                    .orElseThrow(() -> new AssertionError("there is no " + kind.getSimpleName() + " " + name));
        }

        /// Pod templates by the name of their workload.
        Map<String, PodSpec> pods() {
            var pods = new TreeMap<String, PodSpec>();
            for (HasMetadata object : all) {
                switch (object) {
                    case Deployment made ->
                        pods.put(name(made), made.getSpec().getTemplate().getSpec());
                    case DaemonSet made ->
                        pods.put(name(made), made.getSpec().getTemplate().getSpec());
                    case StatefulSet made ->
                        pods.put(name(made), made.getSpec().getTemplate().getSpec());
                    default -> {}
                }
            }
            return pods;
        }

        PodSpec pod(String name) {
            return java.util.Objects.requireNonNull(pods().get(name), name);
        }

        /// The only container of a pod.
        Container container(String pod) {
            return pod(pod).getContainers().getFirst();
        }

        List<String> mountPaths(String pod) {
            return container(pod).getVolumeMounts().stream()
                    .map(VolumeMount::getMountPath)
                    .toList();
        }

        private static String name(HasMetadata object) {
            return object.getMetadata().getName();
        }
    }
}
