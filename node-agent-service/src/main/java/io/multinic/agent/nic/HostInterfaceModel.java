package io.multinic.agent.nic;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.HostInterfaceSpec;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import io.multinic.contract.crd.HostInterfaceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How the HostInterface of a node should look: pure.
final class HostInterfaceModel {
    /// The user's own: neither spec nor metadata is ever written.
    static final String UNMANAGED_LABEL = "multi-nic-unmanaged";

    private HostInterfaceModel() {}

    static boolean unmanaged(HostInterface object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels != null && "true".equals(labels.get(UNMANAGED_LABEL));
    }

    /// The object to write; empty if the one that is there is right.
    ///
    /// Labels, annotations, finalizers and owners that others have put on it stay. It is owned by the Node, if its
    /// UID is known, and so goes when the Node goes.
    ///
    /// @param existing null if there is none
    static Optional<HostInterface> wanted(
            @Nullable HostInterface existing, String node, Optional<String> nodeUid, List<HostNic> nics) {
        ObjectMeta before = existing == null ? new ObjectMeta() : existing.getMetadata();
        ObjectMeta metadata = new ObjectMetaBuilder(before)
                .withName(node)
                .withOwnerReferences(owners(before.getOwnerReferences(), node, nodeUid))
                .build();
        var spec = new HostInterfaceSpec(node, nics);
        if (existing != null && spec.equals(existing.getSpec()) && metadata.equals(before)) {
            return Optional.empty();
        }
        var wanted = new HostInterface();
        wanted.setMetadata(metadata);
        wanted.setSpec(spec);
        if (existing != null) {
            wanted.setStatus(existing.getStatus());
        }
        return Optional.of(wanted);
    }

    private static List<OwnerReference> owners(
            @Nullable List<OwnerReference> existing, String node, Optional<String> nodeUid) {
        var owners = new ArrayList<>(existing == null ? List.of() : existing);
        nodeUid.ifPresent(uid -> {
            var owner = new OwnerReferenceBuilder()
                    .withApiVersion("v1")
                    .withKind("Node")
                    .withName(node)
                    .withUid(uid)
                    .build();
            if (owners.stream().noneMatch(other -> isNode(other) && uid.equals(other.getUid()))) {
                owners.removeIf(HostInterfaceModel::isNode);
                owners.add(owner);
            }
        });
        return owners;
    }

    private static boolean isNode(OwnerReference owner) {
        return "Node".equals(owner.getKind());
    }

    /// Whether two states say the same, whenever they were seen.
    static boolean sameObservation(@Nullable HostInterfaceStatus one, @Nullable HostInterfaceStatus other) {
        return Objects.equals(withoutTime(one), withoutTime(other));
    }

    private static @Nullable HostInterfaceStatus withoutTime(@Nullable HostInterfaceStatus status) {
        return status == null ? null : new HostInterfaceStatus(status.planRevision(), status.networks(), null);
    }
}
