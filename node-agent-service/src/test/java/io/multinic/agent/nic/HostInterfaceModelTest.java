package io.multinic.agent.nic;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.HostInterfaceSpec;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import io.multinic.contract.crd.HostInterfaceStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostInterfaceModelTest {
    private static final HostNic ETH1 =
            new HostNic("eth1", "10.0.1.0/24", "10.0.1.1", null, null, null, null, null, 1500, null, null, null, true);
    private static final List<NodeNic> NICS = HostInterfaceModel.declared(new HostInterfaceSpec("n1", List.of(ETH1)));
    private static final Optional<String> UID = Optional.of("uid-1");

    private static HostInterface first() {
        return HostInterfaceModel.desired(null, "n1", UID, NICS).orElseThrow();
    }

    @Test
    void newHostInterfaceHasTheNodesNameAndOwner() {
        HostInterface created = first();

        assertThat(created.getMetadata().getName()).isEqualTo("n1");
        assertThat(created.getSpec().hostName()).isEqualTo("n1");
        assertThat(created.getSpec().interfaces()).containsExactly(ETH1);
        assertThat(created.getMetadata().getOwnerReferences())
                .singleElement()
                .extracting(
                        OwnerReference::getApiVersion,
                        OwnerReference::getKind,
                        OwnerReference::getName,
                        OwnerReference::getUid)
                .containsExactly("v1", "Node", "n1", "uid-1");
    }

    @Test
    void desiredStateIsNotWrittenAgain() {
        assertThat(HostInterfaceModel.desired(first(), "n1", UID, NICS)).isEmpty();
    }

    @Test
    void changedNicsAreWrittenAndMetadataOfOthersStays() {
        HostInterface existing = first();
        existing.getMetadata().setResourceVersion("42");
        existing.getMetadata().setFinalizers(List.of("multinic.fms.io/controller"));
        existing.getMetadata().setLabels(Map.of("rack", "7"));
        existing.setStatus(new HostInterfaceStatus(3L, List.of(), null));

        HostInterface wanted =
                HostInterfaceModel.desired(existing, "n1", UID, List.of()).orElseThrow();

        assertThat(wanted.getSpec().interfaces()).isEmpty();
        assertThat(wanted.getMetadata()).isEqualTo(existing.getMetadata());
        assertThat(wanted.getStatus()).isEqualTo(existing.getStatus());
    }

    @Test
    void ownerIsReplacedWithTheNode() {
        HostInterface existing = first();
        OwnerReference other = new OwnerReferenceBuilder()
                .withApiVersion("v1")
                .withKind("ConfigMap")
                .withName("x")
                .withUid("x")
                .build();
        existing.getMetadata().getOwnerReferences().add(other);

        HostInterface wanted = HostInterfaceModel.desired(existing, "n1", Optional.of("uid-2"), NICS)
                .orElseThrow();

        assertThat(wanted.getMetadata().getOwnerReferences())
                .extracting(OwnerReference::getUid)
                .containsExactly("x", "uid-2");
    }

    @Test
    void ownerStaysWhileTheUidIsUnknown() {
        assertThat(HostInterfaceModel.desired(first(), "n1", Optional.empty(), NICS))
                .isEmpty();
    }

    @Test
    void specIsTheSameAfterMappingToNicsAndBack() {
        var nic = new HostNic(
                "eth1",
                "10.0.1.0/24",
                "10.0.1.1",
                "15b3",
                "101b",
                "0000:3b:00.0",
                List.of("10.0.1.1/24", "fd00::1/64"),
                "02:00:00:00:00:03",
                9000,
                200_000,
                1,
                "mlx5_core",
                false);
        var nics = HostInterfaceModel.declared(new HostInterfaceSpec("n1", List.of(nic)));

        assertThat(HostInterfaceModel.desired(null, "n1", UID, nics)
                        .orElseThrow()
                        .getSpec()
                        .interfaces())
                .containsExactly(nic);
    }

    @Test
    void declaredValueThatIsNoAddressIsIgnored() {
        var nic = new HostNic(
                "eth1",
                "nonsense",
                "?",
                null,
                null,
                null,
                List.of("?", "10.0.1.1/24"),
                "?",
                null,
                null,
                null,
                null,
                null);

        var declared = HostInterfaceModel.declared(new HostInterfaceSpec("n1", List.of(nic)))
                .getFirst();

        assertThat(declared.network()).isNull();
        assertThat(declared.hostAddress()).isNull();
        assertThat(declared.mac()).isNull();
        assertThat(declared.addresses()).extracting(Object::toString).containsExactly("10.0.1.1/24");
        assertThat(declared.linkUp()).isTrue();
    }

    @Test
    void onlyTheLabelMakesAHostInterfaceUnmanaged() {
        HostInterface object = first();
        assertThat(HostInterfaceModel.unmanaged(object)).isFalse();
        object.getMetadata().setLabels(Map.of("multi-nic-unmanaged", "false"));
        assertThat(HostInterfaceModel.unmanaged(object)).isFalse();
        object.getMetadata().setLabels(Map.of("multi-nic-unmanaged", "true"));
        assertThat(HostInterfaceModel.unmanaged(object)).isTrue();
    }

    @Test
    void observationsThatDifferInTimeOnlyAreEqual() {
        var earlier = new HostInterfaceStatus(3L, List.of(), "2026-01-01T00:00:00Z");
        var later = new HostInterfaceStatus(3L, List.of(), "2026-01-02T00:00:00Z");

        assertThat(HostInterfaceModel.sameObservation(earlier, later)).isTrue();
        assertThat(HostInterfaceModel.sameObservation(null, later)).isFalse();
        assertThat(HostInterfaceModel.sameObservation(earlier, new HostInterfaceStatus(4L, List.of(), null)))
                .isFalse();
    }

    private static HostInterfaceStatus withCondition(String status, String message) {
        var condition = new ConditionBuilder()
                .withType("AttachmentsIntact")
                .withStatus(status)
                .withMessage(message)
                .build();
        return new HostInterfaceStatus(3L, List.of(), null, List.of(condition));
    }

    @Test
    void conditionKeepsItsTimeUntilItsStatusChanges() {
        var first = HostInterfaceModel.at("2026-01-01T00:00:00Z", withCondition("False", "one"), null);
        var second = HostInterfaceModel.at("2026-01-02T00:00:00Z", withCondition("False", "two"), first);
        var third = HostInterfaceModel.at("2026-01-03T00:00:00Z", withCondition("True", ""), second);

        assertThat(second.conditions().getFirst().getLastTransitionTime()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(third.conditions().getFirst().getLastTransitionTime()).isEqualTo("2026-01-03T00:00:00Z");
        assertThat(HostInterfaceModel.sameObservation(second, withCondition("False", "two")))
                .isTrue();
        assertThat(HostInterfaceModel.sameObservation(second, withCondition("False", "one")))
                .isFalse();
    }
}
