package io.multinic.agent.attach.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;

/// One interface of a pod as it shall be.
///
/// @param name in the pod, such as `net1-0`
/// @param nic the node's NIC under it
/// @param hostEnd name of the host's end, where the wiring makes one
/// @param nicNet the NIC's own network
/// @param addresses with the prefix length of the interface block, so that all of it is on-link; empty if another IPAM
///     gives them
public record PodInterface(String name, String nic, String hostEnd, Cidr nicNet, List<PrefixedAddress> addresses) {
    public PodInterface {
        addresses = List.copyOf(addresses);
    }
}
