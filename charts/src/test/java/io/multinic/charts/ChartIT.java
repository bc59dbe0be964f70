package io.multinic.charts;

import static io.multinic.charts.Chart.TRIAL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Tests the rendering of the chart from values to objects, by Helm's own engine.
class ChartIT {
    private static final String EXTERNAL = "postgresql: {existingSecret: my-db}";

    @Test
    void lintReportsNoProblem() {
        assertThat(Chart.lint().getMessages()).allMatch(message -> message.contains("icon is recommended"));
    }

    @Test
    void versionIsThatOfThePom() {
        var labels = Chart.render(TRIAL)
                .one(Deployment.class, "multi-nic-ipam")
                .getMetadata()
                .getLabels();
        assertThat(labels)
                .containsEntry("app.kubernetes.io/version", System.getProperty("chart.version"))
                .containsEntry("helm.sh/chart", "multi-nic-cni-" + System.getProperty("chart.version"));
    }

    // ---- the database

    @Test
    void missingDatabaseIsRefused() {
        assertThatThrownBy(() -> Chart.render("{}"))
                .hasMessageContainingAll("no database", "postgresql.existingSecret", "postgresql.trial.enabled");
    }

    @Test
    void twoDatabasesAreRefused() {
        assertThatThrownBy(() -> Chart.render("postgresql: {existingSecret: my-db, trial: {enabled: true}}"))
                .hasMessageContainingAll("two databases", "postgresql.existingSecret", "postgresql.trial.enabled");
    }

    @Test
    void externalDatabaseNeedsOnlyItsSecret() {
        var objects = Chart.render(EXTERNAL);
        assertThat(objects.of(StatefulSet.class)).isEmpty();
        assertThat(databaseSecrets(objects)).containsOnly("my-db");
        assertThat(objects.mountPaths("multi-nic-ipam")).doesNotContain("/etc/multi-nic/postgresql");
    }

    @Test
    void externalDatabaseMayHaveItsOwnCa() {
        var objects = Chart.render("postgresql: {existingSecret: my-db, existingCaSecret: my-ca}");
        assertThat(objects.mountPaths("multi-nic-ipam")).contains("/etc/multi-nic/postgresql");
        assertThat(objects.pod("multi-nic-ipam").getVolumes()).anyMatch(volume -> isSecret(volume, "my-ca"));
    }

    @Test
    void trialDatabaseIsUsedOverVerifiedTls() {
        var objects = Chart.render(TRIAL);
        assertThat(databaseSecrets(objects)).containsOnly("multi-nic-postgresql");
        Secret secret = objects.one(Secret.class, "multi-nic-postgresql");
        assertThat(decoded(secret, "url"))
                .isEqualTo("jdbc:postgresql://multi-nic-postgresql.multi-nic.svc:5432/multi_nic"
                        + "?sslmode=verify-full&sslrootcert=/etc/multi-nic/postgresql/ca.crt");
        assertThat(decoded(secret, "password")).matches("[A-Za-z0-9]{32}");
        assertThat(objects.pod("multi-nic-ipam").getVolumes())
                .anyMatch(volume -> isSecret(volume, "multi-nic-postgresql-tls"));
    }

    @Test
    void trialDatabaseUsesAnExistingClaim() {
        var objects = Chart.render("postgresql: {trial: {enabled: true, storage: {existingClaim: mine}}}");
        var made = objects.one(StatefulSet.class, "multi-nic-postgresql").getSpec();
        assertThat(made.getVolumeClaimTemplates()).isEmpty();
        assertThat(made.getTemplate().getSpec().getVolumes())
                .anyMatch(volume -> volume.getPersistentVolumeClaim() != null
                        && volume.getPersistentVolumeClaim().getClaimName().equals("mine"));
    }

    // ---- certificates

    @Test
    void certificateIsForTheServiceAndSignedByItsCa() throws Exception {
        for (String name : List.of("multi-nic-ipam", "multi-nic-postgresql")) {
            Secret secret = Chart.render(TRIAL).one(Secret.class, name + "-tls");
            X509Certificate certificate = certificate(secret, "tls.crt");
            X509Certificate ca = certificate(secret, "ca.crt");
            certificate.verify(ca.getPublicKey());
            assertThat(certificate.getSubjectAlternativeNames())
                    .extracting(san -> san.get(1))
                    .isEqualTo(List.of(
                            name, name + ".multi-nic", name + ".multi-nic.svc", name + ".multi-nic.svc.cluster.local"));
            assertThat(certificate.getNotAfter().toInstant())
                    .isAfter(Instant.now().plus(Duration.ofDays(3649)));
        }
    }

    @Test
    void upgradesKeepCertificatesAndPassword() {
        var first = Chart.render(TRIAL);
        HasMetadata[] secrets = first.of(Secret.class).toArray(HasMetadata[]::new);
        assertThat(secrets).hasSize(3);
        var second = Chart.render(TRIAL, secrets);
        for (HasMetadata secret : secrets) {
            String name = secret.getMetadata().getName();
            assertThat(second.one(Secret.class, name).getData()).as(name).isEqualTo(((Secret) secret).getData());
        }
    }

    @Test
    void certificateOfTheUserReplacesOurs() {
        var objects = Chart.render(EXTERNAL + "\ntls: {existingSecret: my-tls}");
        assertThat(objects.of(Secret.class)).isEmpty();
        assertThat(objects.pods())
                .hasSize(3)
                .allSatisfy((_, pod) -> assertThat(pod.getVolumes()).anyMatch(volume -> isSecret(volume, "my-tls")));
    }

    // ---- CRDs and Multus

    @Test
    void crdsAreThoseOfTheContractAndAreKept() throws IOException {
        var rendered = Chart.render(TRIAL).of(CustomResourceDefinition.class).toList();
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("crds")))) {
            assertThat(rendered)
                    .extracting(CustomResourceDefinition::getSpec)
                    .containsExactlyInAnyOrderElementsOf(files.map(ChartIT::crd)
                            .map(CustomResourceDefinition::getSpec)
                            .toList());
        }
        assertThat(rendered)
                .hasSize(3)
                .allSatisfy(crd -> assertThat(crd.getMetadata().getAnnotations())
                        .containsEntry("helm.sh/resource-policy", "keep"));
    }

    @Test
    void crdsAreOptional() {
        assertThat(Chart.render(TRIAL + "\ncrds: {install: false}").of(CustomResourceDefinition.class))
                .isEmpty();
    }

    @Test
    void clusterWithoutMultusIsRefused() {
        var anyCluster = new NamespaceBuilder()
                .withNewMetadata()
                .withName("default")
                .endMetadata()
                .build();
        assertThatThrownBy(() -> Chart.render(TRIAL, anyCluster))
                .hasMessageContainingAll("no NetworkAttachmentDefinition", "install Multus", "multus.check");
        assertThat(Chart.render(TRIAL + "\nmultus: {check: false}", anyCluster).all())
                .isNotEmpty();
    }

    // ---- values

    @Test
    void settingsOfUsersOverrideThoseOfTheChart() {
        String values = "agent: {settings: {multi-nic.agent.address-rest: 10m, multi-nic.agent.ipam-url: http://x}}";
        Container agent = Chart.render(TRIAL + "\n" + values).container("multi-nic-node-agent");
        assertThat(agent.getArgs())
                .contains("--multi-nic.agent.address-rest=10m", "--multi-nic.agent.ipam-url=http://x")
                .filteredOn(argument -> argument.startsWith("--multi-nic.agent.ipam-url"))
                .hasSize(1);
    }

    @Test
    void imagesArePulledFromTheConfiguredRegistry() {
        var objects =
                Chart.render(TRIAL + "\nimage: {registry: reg.example.org:5000/hpc, tag: v9, pullSecrets: [mine]}");
        assertThat(objects.container("multi-nic-ipam").getImage())
                .isEqualTo("reg.example.org:5000/hpc/multi-nic/ipam-service:v9");
        assertThat(objects.pods().values())
                .allSatisfy(pod -> assertThat(pod.getImagePullSecrets())
                        .singleElement()
                        .satisfies(secret -> assertThat(secret.getName()).isEqualTo("mine")));
    }

    record Bad(String values, String field, String reason) {
        @Override
        public String toString() {
            return values;
        }
    }

    static Stream<Bad> badValues() {
        return Stream.of(
                new Bad("ipam: {replica: 2}", "/ipam", "'replica' not allowed"),
                new Bad("agents: {}", "", "'agents' not allowed"),
                new Bad("ipam: {replicas: -1}", "/ipam/replicas", "minimum: got -1, want 0"),
                new Bad("ipam: {replicas: two}", "/ipam/replicas", "got string, want integer"),
                new Bad("agent: {maxUnavailable: 0}", "/agent/maxUnavailable", "minimum: got 0, want 1"),
                new Bad("agent: {maxUnavailable: 110%}", "/agent/maxUnavailable", "does not match pattern"),
                new Bad("agent: {terminationGracePeriodSeconds: 5}", "/agent/terminationGracePeriodSeconds", "want 30"),
                new Bad("agent: {kubeletDirectory: kubelet}", "/agent/kubeletDirectory", "does not match pattern"),
                new Bad("agent: {cniBinDirectory: opt/cni}", "/agent/cniBinDirectory", "does not match pattern"),
                new Bad(
                        "agent: {pluginDirectories: [etc/cni]}",
                        "/agent/pluginDirectories/0",
                        "does not match pattern"),
                new Bad("agent: {pluginDirectories: [/run, /run]}", "/agent/pluginDirectories", "are equal"),
                new Bad("agent: {settings: {multi-nic.agent.retries: 3}}", "/agent/settings", "got number"),
                new Bad("image: {pullPolicy: Sometimes}", "/image/pullPolicy", "'IfNotPresent'"),
                new Bad("image: {registry: ''}", "/image/registry", "minLength"),
                new Bad("ipam: {tokens: {issuer: cluster.local}}", "/ipam/tokens/issuer", "does not match pattern"),
                new Bad("ipam: {tokens: {admins: ['a,b']}}", "/ipam/tokens/admins/0", "does not match pattern"),
                new Bad("tls: {existingSecret: My_Secret}", "/tls/existingSecret", "does not match pattern"),
                new Bad(
                        "postgresql: {trial: {storage: {size: big}}}",
                        "/postgresql/trial/storage/size",
                        "does not match pattern"));
    }

    @ParameterizedTest
    @MethodSource("badValues")
    void invalidValueIsRefusedByItsName(Bad bad) {
        assertThatThrownBy(() -> Chart.render(bad.values()))
                .hasMessageContainingAll("at '" + bad.field(), bad.reason());
    }

    @Test
    void notesWarnOfTrialSettings() {
        assertThat(Chart.notes(TRIAL + "\nipam: {replicas: 1}\ncontroller: {replicas: 1}"))
                .contains(
                        "kind: MultiNicNetwork", "trial PostgreSQL", "ipam.replicas is 1", "controller.replicas is 1");
        assertThat(Chart.notes(EXTERNAL)).doesNotContain("WARNING");
    }

    // ---- metrics

    @Test
    void metricsOfIpamAreScrapedWithAToken() {
        assertThat(names(Chart.render(TRIAL), "PodMonitor")).isEmpty();
        assertThat(names(Chart.render(TRIAL + "\npodMonitor: {enabled: true}"), "PodMonitor"))
                .containsExactlyInAnyOrder("multi-nic-controller", "multi-nic-node-agent");
        assertThat(names(Chart.render(TRIAL + "\npodMonitor: {enabled: true, ipamTokenSecret: t}"), "PodMonitor"))
                .contains("multi-nic-ipam");
    }

    // ---- parts of the rendered objects

    private static List<String> names(Chart.Objects objects, String kind) {
        return objects.all().stream()
                .filter(object -> object.getKind().equals(kind))
                .map(object -> object.getMetadata().getName())
                .toList();
    }

    private static Stream<String> databaseSecrets(Chart.Objects objects) {
        return objects.container("multi-nic-ipam").getEnv().stream()
                .filter(variable -> variable.getName().startsWith("SPRING_DATASOURCE_"))
                .map(EnvVar::getValueFrom)
                .map(source -> source.getSecretKeyRef().getName());
    }

    private static boolean isSecret(Volume volume, String name) {
        return volume.getSecret() != null && volume.getSecret().getSecretName().equals(name);
    }

    private static String decoded(Secret secret, String key) {
        return new String(Base64.getDecoder().decode(secret.getData().get(key)), UTF_8);
    }

    private static X509Certificate certificate(Secret secret, String key) throws Exception {
        byte[] pem = Base64.getDecoder().decode(secret.getData().get(key));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    }

    private static CustomResourceDefinition crd(Path file) {
        try {
            return Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
