package io.multinic.contract.wire;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// What ipam-service made of a network: the answer to GET and PUT of `/api/v1/networks/{name}`.
public record NetworkState(
        NetworkDefinition network, int number, long revision, List<InterfaceUse> interfaces, List<Unplaced> unplaced) {
    public NetworkState {
        interfaces = List.copyOf(interfaces);
        unplaced = List.copyOf(unplaced);
    }

    /// One interface index: the NICs' network it stands for, its blocks, and how many hosts have a NIC and a block
    /// there now.
    ///
    /// A host on it knows all the others once its plan has reached `revision`, which grows when a host joins or
    /// leaves.
    public record InterfaceUse(int index, Cidr masterNet, List<Cidr> interfaceBlocks, int hosts, long revision) {
        public InterfaceUse {
            interfaceBlocks = List.copyOf(interfaceBlocks);
        }
    }

    /// A NIC that got no block, and why.
    public record Unplaced(String node, String nic, String reason) {}
}
