package io.multinic.contract.wire;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// Planned state of a network: the answer to GET and PUT of `/api/v1/networks/{name}`.
public record NetworkState(
        NetworkDefinition network, int number, long revision, List<InterfaceUse> interfaces, List<Unplaced> unplaced) {
    public NetworkState {
        interfaces = List.copyOf(interfaces);
        unplaced = List.copyOf(unplaced);
    }

    /// One interface index with its NICs' network, its blocks, and the number of hosts that have a NIC and a block
    /// there now.
    ///
    /// A host on it knows all the others when its plan has reached `revision`, which increases when a host joins or
    /// leaves.
    public record InterfaceUse(int index, Cidr masterNet, List<Cidr> interfaceBlocks, int hosts, long revision) {
        public InterfaceUse {
            interfaceBlocks = List.copyOf(interfaceBlocks);
        }
    }

    /// NIC without a block, with the reason.
    public record Unplaced(String node, String nic, String reason) {}
}
