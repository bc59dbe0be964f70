package io.multinic.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkSpec;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.ConfigStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.RouteStatus;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.controller.ipam.FakeIpamServer;
import io.multinic.controller.reconcile.network.NetworkAttachmentDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.json.JsonMapper;

/// Tests the whole controller between an API server and an ipam-service, both fakes over HTTP.
///
/// Objects are reconciled only by events and after failures here: the resync periods are longer than the tests.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ControllerIT {
    private final MockCluster cluster = new MockCluster();
    private final FakeIpamServer ipam = new FakeIpamServer();
    private ConfigurableApplicationContext controller;

    @BeforeAll
    void start() {
        System.setProperty("kubernetes.master", cluster.url());
        System.setProperty("kubernetes.auth.tryKubeConfig", "false");
        System.setProperty("kubernetes.auth.tryServiceAccount", "false");
        cluster.namespace("default");
        cluster.namespace("ai");
        controller = SpringApplication.run(
                ControllerApplication.class,
                "--server.port=0",
                "--logging.level.io.fabric8.mockwebserver=WARN",
                "--multi-nic.controller.ipam-url=" + ipam.uri(),
                "--multi-nic.controller.retry-first=100ms",
                "--multi-nic.controller.retry-longest=500ms",
                "--multi-nic.controller.waiting=1h",
                "--multi-nic.controller.resync-networks=1h",
                "--multi-nic.controller.resync-nodes=1h",
                "--multi-nic.controller.look-for-quarantine=100ms");
    }

    @AfterAll
    void stop() {
        controller.close();
        ipam.close();
        cluster.close();
    }

    @AfterEach
    void cleanUp() {
        assertThat(ipam.violations()).isEmpty();
        KubernetesClient client = cluster.client();
        client.resources(MultiNicNetwork.class).delete();
        client.resources(HostInterface.class).delete();
        client.nodes().delete();
        ipam.forget();
        await("networks are gone")
                .untilAsserted(() -> assertThat(
                                client.resources(MultiNicNetwork.class).list().getItems())
                        .isEmpty());
    }

    @Test
    void networkIsPlannedAttachedAndBecomesReadyWhenEveryHostHasItsRoutes() {
        cluster.node("node-a");
        cluster.node("node-b");
        cluster.hostInterface("node-a", "10.0.1.1/24");
        cluster.hostInterface("node-b", "10.0.1.2/24");
        cluster.network("way", spec -> spec);

        awaitStatus("way", status -> status.routeStatus() == RouteStatus.WAIT_FOR_ROUTES);
        assertThat(ipam.network("way")).get().satisfies(definition -> {
            assertThat(definition.hostRoutes()).isTrue();
            assertThat(definition.hostBlock()).isEqualTo(8);
        });
        long revision = ipam.revision("way");
        cluster.agentReports("node-a", revision, "way", 1, 1, "");
        awaitStatus("way", status -> message(status).contains("node node-b has not reported"));
        cluster.agentReports("node-b", revision, "way", 1, 0, "");
        awaitStatus("way", status -> message(status).contains("node node-b has 0 of 1 routes"));
        cluster.agentReports("node-b", revision, "way", 1, 0, "route 192.168.0.0/24: Operation not permitted");
        awaitStatus("way", status -> status.routeStatus() == RouteStatus.FAILED);
        cluster.agentReports("node-b", revision, "way", 1, 1, "");
        var done = awaitStatus("way", status -> status.routeStatus() == RouteStatus.SUCCESS);

        assertThat(done.configStatus()).isEqualTo(ConfigStatus.SUCCESS);
        assertThat(done.message()).isNull();
        assertThat(done.computeResults()).containsExactly(new MultiNicNetworkStatus.NetAddress("10.0.1.0/24", 2));
        assertThat(done.discovery()).isEqualTo(new MultiNicNetworkStatus.Discovery(2, 2, 2));
        assertThat(cluster.events("way"))
                .extracting(Event::getReason)
                .contains("Accepted", "RoutesFailed", "AllRoutesPresent");
        for (String namespace : List.of("default", "ai")) {
            var attachment = awaitAttachment(namespace, "way");
            assertThat(attachment.getMetadata().getLabels()).containsEntry("multi-nic-cni-generated", "true");
            assertThat(attachment.getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(owner -> {
                        assertThat(owner.getKind()).isEqualTo("MultiNicNetwork");
                        assertThat(owner.getController()).isTrue();
                    });
            assertThat(JsonMapper.shared()
                            .readTree(attachment.getSpec().config())
                            .path("type")
                            .asString())
                    .isEqualTo("multi-nic");
        }
    }

    @Test
    void newNamespaceGetsItsAttachmentAndDriftIsRepaired() {
        cluster.network("spread", spec -> spec);
        String config = awaitAttachment("default", "spread").getSpec().config();
        cluster.namespace("late");
        awaitAttachment("late", "spread");

        MockCluster.edit(attachments("late").withName("spread"), attachment -> {
            attachment.setSpec(new NetworkAttachmentDefinition.Spec("{}"));
            attachment.getMetadata().setLabels(Map.of("mine", "too"));
            return attachment;
        });
        await().untilAsserted(() -> {
            var attachment = cluster.attachment("late", "spread");
            assertThat(attachment.getSpec().config()).isEqualTo(config);
            assertThat(attachment.getMetadata().getLabels())
                    .containsEntry("multi-nic-cni-generated", "true")
                    .containsEntry("mine", "too");
        });
        attachments("late").withName("spread").delete();
        awaitAttachment("late", "spread");
    }

    @Test
    void attachmentsFollowTheNamedNamespaces() {
        cluster.network("named", spec -> inNamespaces(spec, List.of("ai")));
        awaitAttachment("ai", "named");
        assertThat(cluster.attachment("default", "named")).isNull();
        cluster.edit("named", spec -> inNamespaces(spec, List.of("default")));
        awaitAttachment("default", "named");
        await().untilAsserted(
                        () -> assertThat(cluster.attachment("ai", "named")).isNull());
    }

    @Test
    void attachmentOfAnotherOwnerIsKeptAndReported() {
        var theirs = new NetworkAttachmentDefinition();
        theirs.setMetadata(MockCluster.named("taken"));
        theirs.setSpec(new NetworkAttachmentDefinition.Spec("{\"type\":\"bridge\"}"));
        attachments("ai").resource(theirs).create();
        cluster.network("taken", spec -> spec);

        awaitStatus("taken", status -> message(status).contains("namespace ai"));
        awaitAttachment("default", "taken");
        assertThat(cluster.attachment("ai", "taken").getSpec().config()).isEqualTo("{\"type\":\"bridge\"}");
        attachments("ai").withName("taken").delete();
        await().untilAsserted(() -> assertThat(
                        awaitAttachment("ai", "taken").getMetadata().getLabels())
                .containsKey("multi-nic-cni-generated"));
    }

    @Test
    void invalidNetworkIsRefusedWithReasonAndEventAndDoesNotAffectOthers() {
        cluster.network(
                "bad-subnet", spec -> MockCluster.spec("192.168.0/16", spec.masterNets(), spec.ipam(), List.of()));
        cluster.network(
                "bad-blocks",
                spec -> MockCluster.spec(
                        spec.subnet(), spec.masterNets(), spec.ipam().replace("8", "20"), List.of()));
        cluster.network(
                "bad-nets",
                spec -> MockCluster.spec(
                        spec.subnet(),
                        List.of("10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24"),
                        spec.ipam(),
                        List.of()));
        cluster.network("good", spec -> MockCluster.spec("172.16.0.0/16", spec.masterNets(), spec.ipam(), List.of()));

        awaitStatus("good", status -> status.configStatus() == ConfigStatus.SUCCESS);
        awaitAttachment("default", "good");
        assertRefused("bad-subnet", "spec.subnet");
        assertRefused("bad-blocks", "hostBlock 20");
        assertRefused("bad-nets", "5 masterNets");
        assertThat(ipam.writes()).noneMatch(write -> write.startsWith("PUT /api/v1/networks/bad-"));

        cluster.edit("bad-subnet", spec -> MockCluster.sample());
        awaitStatus("bad-subnet", status -> status.configStatus() == ConfigStatus.SUCCESS);
        awaitAttachment("default", "bad-subnet");
    }

    @Test
    void editRefusedByIpamKeepsTheEarlierNetworkAndItsAttachments() {
        cluster.network("edited", spec -> spec);
        String config = awaitAttachment("default", "edited").getSpec().config();
        ipam.refuseEdits("edited");
        cluster.edit("edited", spec -> MockCluster.spec("172.20.0.0/16", spec.masterNets(), spec.ipam(), List.of()));
        var status = awaitStatus("edited", found -> found.configStatus() == ConfigStatus.FAILED);
        assertThat(message(status)).contains("would move live blocks", "earlier definition stays in force");
        assertThat(cluster.attachment("default", "edited").getSpec().config()).isEqualTo(config);
        cluster.edit("edited", spec -> MockCluster.sample());
        awaitStatus("edited", found -> found.configStatus() == ConfigStatus.SUCCESS);
    }

    @Test
    void editAcceptedByIpamReachesTheAttachments() {
        cluster.network("grown", spec -> spec);
        awaitAttachment("default", "grown");
        cluster.edit(
                "grown",
                spec -> MockCluster.spec(spec.subnet(), List.of("10.0.1.0/24", "10.0.2.0/24"), spec.ipam(), List.of()));
        await().untilAsserted(() -> assertThat(
                        cluster.attachment("default", "grown").getSpec().config())
                .contains("10.0.2.0/24"));
        assertThat(ipam.network("grown").orElseThrow().masterNets()).hasSize(2);
    }

    @Test
    void deletionWaitsForAddressesInUseAndNamesTheirNodes() {
        cluster.network("held", spec -> spec);
        awaitAttachment("default", "held");
        ipam.hold("held");
        cluster.delete("held");
        var status = awaitStatus("held", found -> message(found).contains("in use on nodes node-a"));
        assertThat(message(status)).startsWith("cannot be deleted yet");
        assertThat(cluster.events("held")).extracting(Event::getReason).contains("AddressesInUse");
        assertThat(cluster.attachment("default", "held")).isNull();
        ipam.release("held");
        await().untilAsserted(() -> assertThat(cluster.find("held")).isEmpty());
        assertThat(ipam.network("held")).isEmpty();
    }

    @Test
    void abandonedNetworkIsDeletedWithoutIpam() {
        cluster.network("abandoned", spec -> spec);
        awaitAttachment("default", "abandoned");
        ipam.hold("abandoned");
        cluster.delete("abandoned");
        awaitStatus("abandoned", found -> message(found).contains("in use"));
        MockCluster.edit(cluster.client().resources(MultiNicNetwork.class).withName("abandoned"), network -> {
            network.getMetadata().setAnnotations(Map.of("multinic.fms.io/abandon", "true"));
            return network;
        });
        await().untilAsserted(() -> assertThat(cluster.find("abandoned")).isEmpty());
        assertThat(ipam.network("abandoned")).isPresent();
        ipam.release("abandoned");
    }

    @Test
    void networkWaitsForIpamAndContinuesWhenItAnswers() {
        cluster.network("before", spec -> MockCluster.spec("172.21.0.0/16", spec.masterNets(), spec.ipam(), List.of()));
        awaitAttachment("default", "before");
        ipam.down();
        try {
            cluster.network("during", spec -> spec);
            var waiting = awaitStatus("during", status -> status.configStatus() == ConfigStatus.WAIT_FOR_CONFIG);
            assertThat(message(waiting)).contains("does not answer", ipam.uri().toString());
            assertThat(waiting.routeStatus()).isEqualTo(RouteStatus.UNKNOWN);
            assertThat(cluster.attachment("default", "during")).isNull();
            // A network that was accepted gets attachments in new namespaces without ipam-service.
            cluster.namespace("meanwhile");
            awaitAttachment("meanwhile", "before");
        } finally {
            ipam.up();
        }
        awaitStatus("during", status -> status.configStatus() == ConfigStatus.SUCCESS);
        awaitAttachment("default", "during");
        awaitStatus("before", status -> status.routeStatus() != RouteStatus.UNKNOWN);
    }

    @Test
    void changeToSingleNicIpamDeletesThePlan() {
        cluster.network("changed", spec -> spec);
        await().untilAsserted(() -> assertThat(ipam.network("changed")).isPresent());
        cluster.edit(
                "changed",
                spec -> MockCluster.spec(spec.subnet(), spec.masterNets(), "{\"type\":\"whereabouts\"}", List.of()));
        awaitStatus("changed", status -> status.routeStatus() == RouteStatus.NOT_APPLICABLE);
        assertThat(ipam.network("changed")).isEmpty();
        await().untilAsserted(() -> assertThat(
                        cluster.attachment("default", "changed").getSpec().config())
                .contains("whereabouts"));
    }

    @Test
    void nicsOfAHostArePutWithTheUidOfItsNode() {
        cluster.hostInterface("node-c", "10.0.1.3/24", "10.0.2.3/24");
        // A HostInterface may be created before its Node; without the Node's UID nothing is put.
        assertThat(ipam.node("node-c")).isEmpty();
        String uid = cluster.node("node-c");
        await().untilAsserted(() -> assertThat(ipam.node("node-c"))
                .contains(new NodeInventory(
                        uid,
                        List.of(
                                new Nic("eth1", List.of(PrefixedAddress.parse("10.0.1.3/24"))),
                                new Nic("eth2", List.of(PrefixedAddress.parse("10.0.2.3/24")))))));
    }

    @Test
    void networksAndNodesThatIpamLostArePutAgain() {
        cluster.node("kept");
        cluster.hostInterface("kept", "10.0.1.1/24");
        cluster.network("kept", spec -> spec);
        await().untilAsserted(() -> assertThat(ipam.node("kept")).isPresent());
        awaitStatus("kept", status -> status.configStatus() == ConfigStatus.SUCCESS);

        ipam.loseEverything();

        await().untilAsserted(() -> assertThat(ipam.node("kept")).isPresent());
        await().untilAsserted(() -> assertThat(ipam.network("kept")).isPresent());
    }

    @Test
    void machineReplacedUnderItsNameIsAnotherNode() {
        String first = cluster.node("node-d");
        cluster.hostInterface("node-d", "10.0.1.4/24");
        awaitNode("node-d", first);
        ipam.hold("node-d");
        cluster.client().nodes().withName("node-d").delete();
        String second = cluster.node("node-d");
        awaitNode("node-d", second);
        await().untilAsserted(() -> assertThat(ipam.writes()).contains("DELETE /api/v1/nodes/node-d?uid=" + first));
        ipam.release("node-d");
        assertThat(ipam.writes()).noneMatch(write -> write.startsWith("DELETE") && write.endsWith(second));
    }

    @Test
    void nodeThatLeavesIsRetiredAndItsHostInterfaceDeleted() {
        String uid = cluster.node("node-e");
        cluster.hostInterface("node-e", "10.0.1.5/24");
        awaitNode("node-e", uid);
        cluster.client().nodes().withName("node-e").delete();
        await().untilAsserted(() -> assertThat(ipam.node("node-e")).isEmpty());
        await().untilAsserted(() -> assertThat(cluster.client()
                        .resources(HostInterface.class)
                        .withName("node-e")
                        .get())
                .isNull());
    }

    @Test
    void nodeWhoseAddressesAreInUseIsKeptWithItsHostInterface() {
        String uid = cluster.node("node-f");
        cluster.hostInterface("node-f", "10.0.1.6/24");
        awaitNode("node-f", uid);
        ipam.hold("node-f");
        cluster.client().nodes().withName("node-f").delete();
        await().untilAsserted(() -> assertThat(ipam.writes()).contains("DELETE /api/v1/nodes/node-f?uid=" + uid));
        await().during(Duration.ofMillis(500)).untilAsserted(() -> {
            assertThat(ipam.node("node-f")).isPresent();
            assertThat(cluster.client()
                            .resources(HostInterface.class)
                            .withName("node-f")
                            .get())
                    .isNotNull();
        });
        ipam.release("node-f");
    }

    private void assertRefused(String network, String reason) {
        var status = awaitStatus(network, found -> found.configStatus() == ConfigStatus.FAILED);
        assertThat(message(status)).contains(reason);
        assertThat(cluster.attachment("default", network)).isNull();
        await().untilAsserted(() -> assertThat(cluster.events(network)).anySatisfy(event -> {
            assertThat(event.getType()).isEqualTo("Warning");
            assertThat(event.getReason()).isEqualTo("InvalidSpec");
            assertThat(event.getMessage()).contains(reason);
        }));
    }

    private MultiNicNetworkStatus awaitStatus(String network, Predicate<MultiNicNetworkStatus> wanted) {
        await("status of " + network)
                .untilAsserted(() -> assertThat(cluster.status(network)).get().matches(wanted));
        return cluster.status(network).orElseThrow();
    }

    private NetworkAttachmentDefinition awaitAttachment(String namespace, String network) {
        await("attachment " + network + " in " + namespace)
                .untilAsserted(
                        () -> assertThat(cluster.attachment(namespace, network)).isNotNull());
        return cluster.attachment(namespace, network);
    }

    private void awaitNode(String node, String uid) {
        await("node " + node)
                .untilAsserted(() -> assertThat(ipam.node(node))
                        .get()
                        .extracting(NodeInventory::nodeUid)
                        .isEqualTo(uid));
    }

    private static MultiNicNetworkSpec inNamespaces(MultiNicNetworkSpec spec, List<String> namespaces) {
        return MockCluster.spec(spec.subnet(), spec.masterNets(), spec.ipam(), namespaces);
    }

    private static String message(MultiNicNetworkStatus status) {
        return String.valueOf(status.message());
    }

    private NonNamespaceOperation<
                    NetworkAttachmentDefinition,
                    KubernetesResourceList<NetworkAttachmentDefinition>,
                    Resource<NetworkAttachmentDefinition>>
            attachments(String namespace) {
        return cluster.client().resources(NetworkAttachmentDefinition.class).inNamespace(namespace);
    }
}
