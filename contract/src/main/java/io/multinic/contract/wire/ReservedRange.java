package io.multinic.contract.wire;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.IpAddress;
import org.jspecify.annotations.Nullable;

/// Addresses that no pod gets by itself. Pods of the namespace, or the one `namespace/pod`, that `heldFor` names get
/// them by asking for them; without it nobody does.
public record ReservedRange(
        IpAddress first, IpAddress last, @Nullable String heldFor) {

    public AddressRange range() {
        return new AddressRange(first, last);
    }

    /// Whether the pod gets these addresses by asking for them.
    public boolean isFor(PodRef pod) {
        return heldFor != null
                && (heldFor.equals(pod.namespace()) || heldFor.equals(pod.namespace() + "/" + pod.name()));
    }

    @Override
    public String toString() {
        return range() + (heldFor == null ? "" : " for " + heldFor);
    }
}
