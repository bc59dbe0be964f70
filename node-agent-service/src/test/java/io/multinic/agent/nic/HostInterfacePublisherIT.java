package io.multinic.agent.nic;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.FakeKernel;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.HostInterfaceSpec;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import io.multinic.contract.crd.HostInterfaceStatus;
import io.multinic.contract.crd.HostInterfaceStatus.NetworkObservation;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The publisher with fabric8's CRUD server as the API server.
@EnableKubernetesMockClient(crud = true)
@Timeout(60)
class HostInterfacePublisherIT {
    private static final String NODE = "n1";

    @TempDir
    private Path disk;

    @SuppressWarnings("NullAway.Init") // injected
    private KubernetesClient client;

    private final FakeKernel kernel = new FakeKernel();
    private final NetworkStack stack = kernel.ownStack();
    private final KernelNics nics = new KernelNics(
            stack,
            new SysfsDevices(Path.of("/proc/no/such/folder")),
            new NicDiscovery(NicExclusions.of(NicExclusions.COMMON)));
    private Optional<HostInterfaceStatus> observed = Optional.empty();

    @SuppressWarnings("NullAway.Init")
    private NodeIdentity identity;

    @SuppressWarnings("NullAway.Init")
    private HostInterfacePublisher reconciler;

    @BeforeEach
    void makeNode() {
        identity = new NodeIdentity(disk.resolve("node-uid"));
        reconciler = new HostInterfacePublisher(
                client,
                NODE,
                identity,
                nics,
                () -> observed,
                Clock.fixed(Instant.parse("2026-01-01T00:00:00.123Z"), ZoneOffset.UTC));
        putNode("uid-1");
        nic("eth1", "10.0.1.1/24");
    }

    private void putNode(String uid) {
        client.nodes().withName(NODE).delete();
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NODE)
                        .withUid(uid)
                        .endMetadata()
                        .build())
                .create();
    }

    private void nic(String name, String address) {
        var link = kernel.addHardware(name, new HardwareAddress("02:00:00:00:00:01"), "");
        stack.apply(new Change.AddAddress(InterfaceAddress.of(link.index(), PrefixedAddress.parse(address))));
        nics.refresh();
    }

    private Resource<HostInterface> resource() {
        return client.resources(HostInterface.class).withName(NODE);
    }

    private static List<String> names(HostInterface object) {
        return object.getSpec().interfaces().stream()
                .map(HostNic::interfaceName)
                .toList();
    }

    @Test
    void hostInterfaceIsCreatedAndOwnedByTheNode() {
        assertThat(reconciler.reconcile()).isTrue();

        HostInterface created = resource().get();
        assertThat(names(created)).containsExactly("eth1");
        assertThat(created.getSpec().interfaces().getFirst().netAddress()).isEqualTo("10.0.1.0/24");
        assertThat(created.getSpec().interfaces().getFirst().hostIp()).isEqualTo("10.0.1.1");
        String uid = client.nodes().withName(NODE).get().getMetadata().getUid();
        assertThat(created.getMetadata().getOwnerReferences())
                .singleElement()
                .extracting(OwnerReference::getUid)
                .isEqualTo(uid);
        assertThat(identity.uid()).contains(uid);
    }

    @Test
    void onlyDifferencesAreWritten() {
        reconciler.reconcile();
        String version = resource().get().getMetadata().getResourceVersion();
        reconciler.reconcile();
        assertThat(resource().get().getMetadata().getResourceVersion()).isEqualTo(version);

        nic("eth2", "10.0.2.1/24");
        reconciler.reconcile();
        assertThat(names(resource().get())).containsExactly("eth1", "eth2");
    }

    @Test
    void metadataOfOthersStays() {
        reconciler.reconcile();
        resource().edit(object -> {
            object.getMetadata().setFinalizers(List.of("multinic.fms.io/controller"));
            object.getMetadata().setLabels(Map.of("rack", "7"));
            return object;
        });
        nic("eth2", "10.0.2.1/24");
        reconciler.reconcile();

        assertThat(resource().get().getMetadata().getFinalizers()).containsExactly("multinic.fms.io/controller");
        assertThat(resource().get().getMetadata().getLabels()).containsEntry("rack", "7");
        assertThat(names(resource().get())).containsExactly("eth1", "eth2");
    }

    @Test
    void statusIsWrittenWhenTheObservationChanged() {
        reconciler.reconcile();
        assertThat(resource().get().getStatus()).isNull();

        var network = new NetworkObservation("multi-nic-sample", 2, 4, 3, "node n1: 1 routes missing");
        observed = Optional.of(new HostInterfaceStatus(7L, List.of(network), null));
        reconciler.reconcile();

        assertThat(resource().get().getStatus())
                .isEqualTo(new HostInterfaceStatus(7L, List.of(network), "2026-01-01T00:00:00Z"));
        assertThat(names(resource().get())).containsExactly("eth1");

        String version = resource().get().getMetadata().getResourceVersion();
        reconciler.reconcile();
        assertThat(resource().get().getMetadata().getResourceVersion()).isEqualTo(version);

        nic("eth2", "10.0.2.1/24");
        reconciler.reconcile();
        assertThat(resource().get().getStatus().planRevision()).isEqualTo(7L);
    }

    @Test
    void unmanagedHostInterfaceIsNeverOverwrittenAndItsNicsAreUsed() {
        var users = new HostInterface();
        users.getMetadata().setName(NODE);
        users.getMetadata().setLabels(Map.of("multi-nic-unmanaged", "true"));
        HostNic declared = new HostNic(
                "ib0", "10.9.0.0/16", "10.9.0.1", null, null, null, null, null, null, null, null, null, null);
        users.setSpec(new HostInterfaceSpec(NODE, List.of(declared)));
        client.resource(users).create();
        observed = Optional.of(new HostInterfaceStatus(7L, List.of(), null));

        reconciler.reconcile();

        assertThat(resource().get().getSpec()).isEqualTo(users.getSpec());
        assertThat(resource().get().getMetadata().getOwnerReferences()).isEmpty();
        assertThat(nics.nics()).containsExactlyElementsOf(HostInterfaceModel.declared(users.getSpec()));
        assertThat(resource().get().getStatus().planRevision()).isEqualTo(7L);

        resource().edit(object -> {
            object.getMetadata().setLabels(Map.of());
            return object;
        });
        reconciler.reconcile();
        assertThat(names(resource().get())).containsExactly("eth1");
    }

    @Test
    void replacedNodeBecomesTheOwner() {
        reconciler.reconcile();
        putNode("uid-2");
        reconciler.reconcile();

        String uid = client.nodes().withName(NODE).get().getMetadata().getUid();
        assertThat(identity.uid()).contains(uid);
        assertThat(resource().get().getMetadata().getOwnerReferences())
                .extracting(OwnerReference::getUid)
                .containsExactly(uid);
    }

    @Test
    void nicsArePublishedWhileTheNodeIsMissing() {
        client.nodes().withName(NODE).delete();

        assertThat(reconciler.reconcile()).isFalse();
        assertThat(names(resource().get())).containsExactly("eth1");
        assertThat(identity.uid()).isEmpty();
    }

    @Test
    void deletedHostInterfaceIsCreatedAgainAndChangesAreWatched() {
        var noticed = new AtomicInteger();
        try (var _ = reconciler.watch(noticed::incrementAndGet)) {
            reconciler.reconcile();
            eventually(() -> noticed.get() == 1);
            resource().edit(object -> {
                object.setSpec(new HostInterfaceSpec(NODE, List.of()));
                return object;
            });
            eventually(() -> noticed.get() == 2);
            resource().delete();
            eventually(() -> noticed.get() == 3);
        }
        reconciler.reconcile();
        assertThat(names(resource().get())).containsExactly("eth1");
    }

    @Test
    void runFailsWithoutTheApiServerAndTheNicsStay() {
        var nowhere = new ConfigBuilder()
                .withMasterUrl("http://127.0.0.1:1")
                .withRequestRetryBackoffLimit(0)
                .build();
        try (var away = new KubernetesClientBuilder().withConfig(nowhere).build()) {
            var alone = new HostInterfacePublisher(away, NODE, identity, nics, () -> observed, Clock.systemUTC());
            try (var _ = alone.watch(() -> {})) {
                assertThatThrownBy(alone::reconcile).isInstanceOf(KubernetesClientException.class);
            }
        }
        assertThat(nics.nics()).hasSize(1);
    }
}
