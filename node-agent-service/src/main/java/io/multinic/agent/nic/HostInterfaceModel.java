package io.multinic.agent.nic;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.HostInterfaceSpec;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import io.multinic.contract.crd.HostInterfaceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Computes the desired HostInterface of a node, and maps NICs to and from its spec: pure.
public final class HostInterfaceModel {
    /// Label of a HostInterface that the user maintains: the agent never writes its spec or metadata.
    static final String UNMANAGED_LABEL = "multi-nic-unmanaged";

    private HostInterfaceModel() {}

    static boolean unmanaged(HostInterface object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels != null && "true".equals(labels.get(UNMANAGED_LABEL));
    }

    /// The object to write; empty if the existing one is as desired.
    ///
    /// Labels, annotations, finalizers and owners set by others stay. The owner is the Node, if its UID is known,
    /// so that the object is deleted with the Node.
    ///
    /// @param existing null if there is none
    static Optional<HostInterface> desired(
            @Nullable HostInterface existing, String node, Optional<String> nodeUid, List<NodeNic> nics) {
        ObjectMeta before = existing == null ? new ObjectMeta() : existing.getMetadata();
        ObjectMeta metadata = new ObjectMetaBuilder(before)
                .withName(node)
                .withOwnerReferences(owners(before.getOwnerReferences(), node, nodeUid))
                .build();
        var spec = new HostInterfaceSpec(
                node, nics.stream().map(HostInterfaceModel::published).toList());
        if (existing != null && spec.equals(existing.getSpec()) && metadata.equals(before)) {
            return Optional.empty();
        }
        var desired = new HostInterface();
        desired.setMetadata(metadata);
        desired.setSpec(spec);
        if (existing != null) {
            desired.setStatus(existing.getStatus());
        }
        return Optional.of(desired);
    }

    private static HostNic published(NodeNic nic) {
        var device = nic.device();
        var mac = nic.mac();
        return new HostNic(
                nic.name(),
                text(nic.network()),
                text(nic.hostAddress()),
                device.vendor(),
                device.product(),
                device.pciAddress(),
                nic.addresses().stream().map(PrefixedAddress::toString).toList(),
                mac == null ? null : mac.text(),
                nic.mtu() == 0 ? null : nic.mtu(),
                device.speedMbps(),
                device.numaNode(),
                device.driver(),
                nic.linkUp());
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    /// The NICs of a spec that the user maintains; a value that is not an address or a network is ignored.
    public static List<NodeNic> declared(HostInterfaceSpec spec) {
        return spec.interfaces().stream().map(HostInterfaceModel::declared).toList();
    }

    private static NodeNic declared(HostNic nic) {
        var network = parsed(nic.netAddress(), PrefixedAddress::parse);
        Integer mtu = nic.mtu();
        return new NodeNic(
                nic.interfaceName(),
                network == null ? null : network.network(),
                parsed(nic.hostIp(), IpAddress::parse),
                nic.addresses().stream()
                        .flatMap(address -> Stream.ofNullable(parsed(address, PrefixedAddress::parse)))
                        .toList(),
                !Boolean.FALSE.equals(nic.linkUp()),
                parsed(nic.mac(), HardwareAddress::new),
                mtu == null ? 0 : mtu,
                new DeviceFacts(
                        nic.pciAddress(), nic.vendor(), nic.product(), nic.driver(), nic.numaNode(), nic.speedMbps()));
    }

    private static <T> @Nullable T parsed(@Nullable String text, Function<String, T> parser) {
        try {
            return text == null ? null : parser.apply(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
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

    /// True if two states differ at most in times.
    static boolean sameObservation(@Nullable HostInterfaceStatus one, @Nullable HostInterfaceStatus other) {
        return Objects.equals(withoutTimes(one), withoutTimes(other));
    }

    private static @Nullable HostInterfaceStatus withoutTimes(@Nullable HostInterfaceStatus status) {
        return status == null
                ? null
                : new HostInterfaceStatus(
                        status.planRevision(),
                        status.networks(),
                        null,
                        status.conditions().stream()
                                .map(condition -> at(condition, null))
                                .toList());
    }

    /// The status as observed at `now`; a condition whose status is that of `before` keeps its time.
    static HostInterfaceStatus at(String now, HostInterfaceStatus observed, @Nullable HostInterfaceStatus before) {
        List<Condition> known = before == null ? List.of() : before.conditions();
        return new HostInterfaceStatus(
                observed.planRevision(),
                observed.networks(),
                now,
                observed.conditions().stream()
                        .map(condition -> at(
                                condition,
                                known.stream()
                                        .filter(other -> Objects.equals(other.getType(), condition.getType())
                                                && Objects.equals(other.getStatus(), condition.getStatus()))
                                        .map(Condition::getLastTransitionTime)
                                        .findFirst()
                                        .orElse(now)))
                        .toList());
    }

    private static Condition at(Condition condition, @Nullable String time) {
        return new ConditionBuilder(condition).withLastTransitionTime(time).build();
    }
}
