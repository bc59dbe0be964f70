package io.multinic.controller.kubernetes;

import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.HostInterfaceStatus;
import io.multinic.controller.node.HostNics;
import io.multinic.controller.status.HostReport;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Takes from a HostInterface what the status of networks is computed from.
final class HostReports {
    private HostReports() {}

    static HostReport of(HostInterface host) {
        var nics = HostNics.of(host.getSpec()).nics().stream()
                .map(nic -> new HostReport.HostNic(
                        nic.name(),
                        nic.addresses().stream()
                                .map(PrefixedAddress::network)
                                .distinct()
                                .toList()))
                .toList();
        return new HostReport(host.getMetadata().getName(), nics, host.getStatus());
    }

    /// Whether a change of a HostInterface can change a network's status: a mere sign of life cannot.
    static boolean differ(HostInterface now, HostInterface before) {
        return !Objects.equals(now.getSpec(), before.getSpec())
                || !Objects.equals(withoutTime(now.getStatus()), withoutTime(before.getStatus()));
    }

    private static @Nullable HostInterfaceStatus withoutTime(@Nullable HostInterfaceStatus status) {
        return status == null ? null : new HostInterfaceStatus(status.planRevision(), status.networks(), null);
    }
}
