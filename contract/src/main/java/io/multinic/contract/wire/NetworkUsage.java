package io.multinic.contract.wire;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// Use of a network: the answer to `GET /api/v1/networks/{name}/usage`.
///
/// `hosts` counts the nodes that own blocks, including those that are absent now; `addresses`, `interfaces` and
/// `byHost` cover all these blocks. `byHost` is a page, ordered by use, the fullest first.
public record NetworkUsage(
        String network,
        int hosts,
        List<AddressUse> addresses,
        List<InterfaceUsage> interfaces,
        Page<HostUsage> byHost) {
    public NetworkUsage {
        addresses = List.copyOf(addresses);
        interfaces = List.copyOf(interfaces);
    }

    /// One interface index.
    public record InterfaceUsage(
            int index, Cidr masterNet, List<Cidr> interfaceBlocks, int hosts, List<AddressUse> addresses) {
        public InterfaceUsage {
            interfaceBlocks = List.copyOf(interfaceBlocks);
            addresses = List.copyOf(addresses);
        }
    }

    /// All blocks of one node.
    public record HostUsage(String node, String nodeUid, List<AddressUse> addresses) {
        public HostUsage {
            addresses = List.copyOf(addresses);
        }
    }
}
