package io.multinic.agent.config;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.plan.AttachRequest;
import io.multinic.agent.attach.plan.AttachRequest.AddressSource;
import io.multinic.agent.attach.plan.AttachRequest.NicChoice;
import io.multinic.agent.attach.plan.AttachRequest.PluginSection;
import io.multinic.agent.attach.plan.AttachRequest.RuntimeValues;
import io.multinic.agent.install.BinaryHealthIndicator;
import io.multinic.agent.ipam.FakeIpamService;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.NodeKernel;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.linux.LinuxKernel;
import io.multinic.agent.ledger.LedgerHealthIndicator;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.nic.NodeNics;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.agent.plan.PlanHealthIndicator;
import io.multinic.agent.route.plan.RouteFixtures;
import io.multinic.agent.select.SelectionPolicy;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.HostInterfaceStatus.NetworkObservation;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PodRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import tools.jackson.databind.node.JsonNodeFactory;

/// The whole agent with its configuration: a network namespace as the node, a real journal, and fakes of ipam-service
/// and the API server. Needs root.
@EnableKubernetesMockClient(crud = true, https = false)
@Timeout(120)
class AgentContextIT {
    @TempDir
    private Path disk;

    @SuppressWarnings("NullAway.Init") // injected
    private KubernetesMockServer apiServer;

    @SuppressWarnings("NullAway.Init") // injected
    private KubernetesClient client;

    private final LinuxKernel kernel = new LinuxKernel();
    private final NetworkNamespace node = kernel.createNamespace();
    private final NetworkStack stack = kernel.open(node);
    private final FakeIpamService ipam = new FakeIpamService(RouteFixtures.NODE);

    @BeforeEach
    void createLinks() {
        System.setProperty("kubernetes.master", apiServer.url("/"));
        addNic("eth1", "10.0.1.1/24");
        addNic("eth2", "10.0.2.1/24");
        client.resource(daemonSet()).create();
    }

    @AfterEach
    void closeNamespaces() {
        System.clearProperty("kubernetes.master");
        ipam.close();
        stack.close();
        node.close();
    }

    private int index(String link) {
        return stack.link(link).orElseThrow().index();
    }

    private void addNic(String name, String address) {
        LinkEnd far = LinkEnd.of("veth-" + name).down();
        stack.apply(new Change.AddLink(new NewLink.Veth(LinkEnd.of(name), far)));
        stack.apply(new Change.SetLinkUp(index(far.name()), true));
        stack.apply(new Change.AddAddress(InterfaceAddress.of(index(name), PrefixedAddress.parse(address))));
    }

    private AnnotationConfigApplicationContext start() {
        var context = new AnnotationConfigApplicationContext();
        Map<String, Object> settings = Map.ofEntries(
                Map.entry("multi-nic.agent.node-name", RouteFixtures.NODE),
                Map.entry("multi-nic.agent.state-directory", state()),
                Map.entry("multi-nic.agent.socket", disk.resolve("run/cni.sock")),
                Map.entry("multi-nic.agent.cni-binary", "../cni-binary/build/multi-nic"),
                Map.entry("multi-nic.agent.cni-bin-directory", disk.toString()),
                Map.entry("multi-nic.agent.daemon-set", "multi-nic/multi-nic-node-agent"),
                Map.entry("multi-nic.agent.daemon-set-recheck", "1ms"),
                Map.entry("multi-nic.agent.ipam-url", ipam.uri()),
                Map.entry("multi-nic.agent.plan-hold", "5s"),
                Map.entry("multi-nic.agent.retry-first", "20ms"),
                Map.entry("multi-nic.agent.retry-longest", "200ms"),
                Map.entry("multi-nic.agent.resync", "1h"),
                Map.entry("multi-nic.agent.route-table-names", disk.resolve("names.conf")));
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", settings));
        context.registerBean("kernel", Kernel.class, () -> new NodeKernel(kernel, node.path()));
        context.registerBean(MeterRegistry.class, SimpleMeterRegistry::new);
        context.register(
                RuntimeConfiguration.class,
                JournalConfiguration.class,
                HostNetworkConfiguration.class,
                ControlPlaneConfiguration.class,
                CniConfiguration.class,
                AttachmentsConfiguration.class,
                GarbageConfiguration.class,
                InstallConfiguration.class,
                LifecycleConfiguration.class);
        context.refresh();
        return context;
    }

    private Path state() {
        return disk.resolve("state");
    }

    private String makeNode() {
        return client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(RouteFixtures.NODE)
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getUid();
    }

    private Resource<HostInterface> hostInterface() {
        return client.resources(HostInterface.class).withName(RouteFixtures.NODE);
    }

    private boolean statusIs(NetworkObservation expected) {
        HostInterface seen = hostInterface().get();
        return seen != null
                && seen.getStatus() != null
                && seen.getStatus().networks().equals(List.of(expected));
    }

    private static String health(HealthIndicator indicator) {
        return indicator.health().getStatus().getCode();
    }

    /// Waits until no more writes of the HostInterface follow, so that the next event alone causes the next one.
    private static void awaitQuiet(MeterRegistry meters) {
        var last = new AtomicReference<>(-1.0);
        eventually(
                () -> {
                    Thread.sleep(700);
                    double runs = meters
                            .find("multi_nic_agent_reconciliations")
                            .tag("reconciler", "host-interface")
                            .counters()
                            .stream()
                            .mapToDouble(Counter::count)
                            .sum();
                    return last.getAndSet(runs) == runs;
                });
    }

    private List<Route> routes() {
        return stack.routes(RouteFilter.all(IpFamily.IPV4).table(13_900));
    }

    @Test
    void nicsLeadToRoutesAndStatus() {
        String uid = makeNode();
        try (var context = start()) {
            assertThat(context.getBean(NodeNics.class).nics())
                    .extracting(NodeNic::name)
                    .containsExactly("eth1", "eth2");
            eventually(() -> hostInterface().get() != null);
            assertThat(health(context.getBean(PlanHealthIndicator.class))).isEqualTo("OUT_OF_SERVICE");

            ipam.know(uid);
            ipam.publish(new NodePlan(RouteFixtures.NODE, uid, 1, List.of(RouteFixtures.sample(3))));
            eventually(() -> statusIs(new NetworkObservation("multi-nic-sample", 2, 4, 4, "")));
            assertThat(routes()).hasSize(4);
            assertThat(hostInterface().get().getStatus().planRevision()).isEqualTo(1);
            assertThat(health(context.getBean(PlanHealthIndicator.class))).isEqualTo("UP");
            assertThat(health(context.getBean(LedgerHealthIndicator.class))).isEqualTo("UP");
            assertThat(ipam.stored()).isEmpty();
            var meters = context.getBean(MeterRegistry.class);
            assertThat(meters.get("multi_nic_agent_routes_present")
                            .tag("network", "multi-nic-sample")
                            .gauge()
                            .value())
                    .isEqualTo(4);

            awaitQuiet(meters);
            addNic("eth3", "10.0.3.1/24");
            eventually(() -> hostInterface().get().getSpec().interfaces().size() == 3);

            stack.apply(new Change.SetLinkUp(index("eth2"), false));
            eventually(() ->
                    hostInterface().get().getStatus().networks().getFirst().routesPresent() == 2);
            assertThat(hostInterface().get().getStatus().networks().getFirst().message())
                    .contains("NIC eth2", "node host1");
        }
    }

    private static AttachRequest attachRequest(NetworkNamespace pod) {
        return attachRequest(pod, new AttachmentKey("c1", "net1"), "macvlan");
    }

    private static AttachRequest attachRequest(NetworkNamespace pod, AttachmentKey key, String plugin) {
        var json = JsonNodeFactory.instance;
        return new AttachRequest(
                key,
                pod.path().toString(),
                new PodRef("default", "p", "u1"),
                "multi-nic-sample",
                new NicChoice(SelectionPolicy.NONE, 0, List.of(), List.of()),
                new PluginSection(plugin, json.objectNode(), "1.0.0", "", List.of(), ""),
                new AddressSource.Blocks(),
                new RuntimeValues(null, List.of(), json.objectNode(), json.objectNode(), json.objectNode()),
                List.of(),
                false,
                json.objectNode(),
                "fingerprint");
    }

    private static boolean ready(AttachmentService attachments) {
        try {
            attachments.requireReady();
            return true;
        } catch (MultiNicException e) {
            return false;
        }
    }

    private Optional<Condition> intact() {
        var object = hostInterface().get();
        return object == null || object.getStatus() == null
                ? Optional.empty()
                : object.getStatus().conditions().stream()
                        .filter(condition -> condition.getType().equals("AttachmentsIntact"))
                        .findFirst();
    }

    @Test
    void damagedAttachmentIsRestoredOrReported() {
        String uid = makeNode();
        ipam.know(uid);
        ipam.publish(new NodePlan(RouteFixtures.NODE, uid, 1, List.of(RouteFixtures.sample(3))));
        try (var context = start();
                var pod = kernel.createNamespace();
                var inPod = kernel.open(pod)) {
            var attachments = context.getBean(AttachmentService.class);
            eventually(() -> ready(attachments));
            attachments.attach(attachRequest(pod));
            var meters = context.getBean(MeterRegistry.class);
            eventually(() -> meters.get("multi_nic_agent_attachments").gauge().value() == 1);
            eventually(() -> intact().map(Condition::getStatus).equals(Optional.of("True")));

            inPod.deleteLinks(List.of(inPod.link("net1-1").orElseThrow().index()));
            eventually(() -> inPod.link("net1-1").isPresent());

            stack.deleteLinks(List.of(index("eth1")));
            eventually(() -> intact().map(Condition::getStatus).equals(Optional.of("False")));
            assertThat(intact().orElseThrow().getMessage()).contains("default/p", "net1-0", "eth1");
            assertThat(meters.get("multi_nic_agent_attachments_broken").gauge().value())
                    .isEqualTo(1);
            eventually(() -> client.v1().events().inNamespace("default").list().getItems().stream()
                    .anyMatch(event -> event.getReason().equals("AttachmentBroken")));

            addNic("eth1", "10.0.1.1/24");
            eventually(() -> inPod.link("net1-0").isPresent());
            eventually(() -> intact().map(Condition::getStatus).equals(Optional.of("True")));
        }
    }

    @Test
    void agentStartsBesideDeletionsWhosePluginHangs() throws IOException {
        String uid = makeNode();
        ipam.know(uid);
        ipam.publish(new NodePlan(RouteFixtures.NODE, uid, 1, List.of(RouteFixtures.sample(3))));
        var keys = List.of(
                new AttachmentKey("c1", "net1"), new AttachmentKey("c2", "net1"), new AttachmentKey("c3", "net1"));
        Path hang = disk.resolve("hang");
        String script = "#!/bin/sh\nwhile [ -e " + hang + " ]; do sleep 0.1; done\necho '{}'\n";
        Path plugin = Files.writeString(disk.resolve("slow"), script);
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (var context = start();
                var pod = kernel.createNamespace()) {
            var attachments = context.getBean(AttachmentService.class);
            eventually(() -> ready(attachments));
            keys.forEach(key -> attachments.attach(attachRequest(pod, key, "slow")));
        }
        try (var journal = SqliteJournal.open(state().resolve("journal.db"))) {
            keys.forEach(journal.allocations()::detaching);
        }
        Files.createFile(hang);
        try (var context = start()) {
            var attachments = context.getBean(AttachmentService.class);
            assertThat(disk.resolve("run/cni.sock")).exists();
            assertThat(attachments.all()).hasSize(3);
            Files.delete(hang);
            eventually(() -> attachments.all().isEmpty());
        }
    }

    @Test
    void agentWithoutControlPlaneUsesThePlanOnDiskAndCorrectsDrift() {
        String uid = makeNode();
        ipam.know(uid);
        ipam.publish(new NodePlan(RouteFixtures.NODE, uid, 1, List.of(RouteFixtures.sample(3))));
        try (var _ = start()) {
            eventually(() -> routes().size() == 4);
        }
        assertThat(routes()).as("routes outlive the agent").hasSize(4);

        ipam.down(true);
        System.setProperty("kubernetes.master", "http://127.0.0.1:1");
        stack.apply(new Change.DeleteRoute(routes().getFirst()));
        try (var context = start()) {
            assertThat(context.getBean(CurrentPlan.class).plan().orElseThrow().revision())
                    .isEqualTo(1);
            assertThat(health(context.getBean(PlanHealthIndicator.class))).isEqualTo("UP");
            eventually(() -> routes().size() == 4);
        }
    }

    private DaemonSet daemonSet() {
        return new DaemonSetBuilder()
                .withNewMetadata()
                .withNamespace("multi-nic")
                .withName("multi-nic-node-agent")
                .endMetadata()
                .build();
    }

    private void runUntilInstalled() {
        String uid = makeNode();
        ipam.know(uid);
        ipam.publish(new NodePlan(RouteFixtures.NODE, uid, 1, List.of(RouteFixtures.sample(3))));
        try (var context = start()) {
            eventually(
                    () -> health(context.getBean(BinaryHealthIndicator.class)).equals("UP"));
            assertThat(disk.resolve("multi-nic")).isExecutable();
            eventually(() -> routes().size() == 4);
        }
    }

    @Test
    void stoppedAgentLeavesEverythingInPlace() {
        runUntilInstalled();
        assertThat(disk.resolve("multi-nic")).isExecutable();
        assertThat(disk.resolve("names.conf")).exists();
        assertThat(state().resolve("journal.db")).exists();
        assertThat(routes()).hasSize(4);
    }

    @Test
    void removedAgentLeavesNothing() {
        client.resource(daemonSet()).delete();
        runUntilInstalled();
        assertThat(disk).isEmptyDirectory();
        assertThat(routes()).isEmpty();
        assertThat(stack.rules(IpFamily.IPV4).stream().filter(rule -> rule.table() == 13_900))
                .isEmpty();
    }
}
