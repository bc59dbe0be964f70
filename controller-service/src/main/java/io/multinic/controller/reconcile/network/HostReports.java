package io.multinic.controller.reconcile.network;

import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.HostInterfaceStatus;
import io.multinic.controller.node.HostInventory;
import io.multinic.controller.status.HostReport;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Maps HostInterfaces to the reports from which the status of networks is computed.
final class HostReports {
    private HostReports() {}

    static HostReport of(HostInterface host) {
        var nics = HostInventory.of(host.getSpec()).nics().stream()
                .map(nic -> new HostReport.HostNic(
                        nic.name(),
                        nic.addresses().stream()
                                .map(PrefixedAddress::network)
                                .distinct()
                                .toList()))
                .toList();
        return new HostReport(host.getMetadata().getName(), nics, host.getStatus());
    }

    /// True if the change of a HostInterface can change a network's status; a mere heartbeat cannot.
    static boolean differ(HostInterface now, HostInterface before) {
        return !Objects.equals(now.getSpec(), before.getSpec())
                || !Objects.equals(withoutTime(now.getStatus()), withoutTime(before.getStatus()));
    }

    private static @Nullable HostInterfaceStatus withoutTime(@Nullable HostInterfaceStatus status) {
        return status == null ? null : new HostInterfaceStatus(status.planRevision(), status.networks(), null);
    }
}
