package io.multinic.contract.wire;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.IpAddress;
import org.jspecify.annotations.Nullable;

/// Range of addresses that are assigned only on request. Pods of the namespace, or the one `namespace/pod`, in
/// `heldFor` may request them; without it, no pod may.
public record ReservedRange(
        IpAddress first, IpAddress last, @Nullable String heldFor) {

    public AddressRange range() {
        return new AddressRange(first, last);
    }

    /// True if the pod may request these addresses.
    public boolean isFor(PodRef pod) {
        return heldFor != null
                && (heldFor.equals(pod.namespace()) || heldFor.equals(pod.namespace() + "/" + pod.name()));
    }

    @Override
    public String toString() {
        return range() + (heldFor == null ? "" : " for " + heldFor);
    }
}
