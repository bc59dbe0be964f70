package io.multinic.agent.attach.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;

/// The desired state of one interface of a pod.
///
/// @param name in the pod, such as `net1-0`
/// @param nic the node's NIC under it
/// @param hostEnd name of the host end, if the driver creates one
/// @param nicNet the NIC's own network
/// @param addresses with the prefix length of the interface block, so that all of it is on-link; empty if another IPAM
///     gives them
public record PodInterface(String name, String nic, String hostEnd, Cidr nicNet, List<PrefixedAddress> addresses) {
    public PodInterface {
        addresses = List.copyOf(addresses);
    }

    public boolean has(IpFamily family) {
        return addresses.stream().anyMatch(address -> address.address().family() == family);
    }
}
