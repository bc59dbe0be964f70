package io.multinic.contract.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Block of another node with the address of that node's NIC through which it is reached.
///
/// Addresses in `excluded` have other owners, such as a host in host-subnet mode, and are not reached through that NIC.
/// It is optional, because cached plans of older agents do not have it.
public record PeerBlock(
        String node,
        int interfaceIndex,
        Cidr podBlock,
        IpAddress via,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Cidr> excluded) {
    public PeerBlock(String node, int interfaceIndex, Cidr podBlock, IpAddress via, @Nullable List<Cidr> excluded) {
        this.node = node;
        this.interfaceIndex = interfaceIndex;
        this.podBlock = podBlock;
        this.via = via;
        this.excluded = excluded == null ? List.of() : List.copyOf(excluded);
    }

    /// Creates a block without exclusions.
    public PeerBlock(String node, int interfaceIndex, Cidr podBlock, IpAddress via) {
        this(node, interfaceIndex, podBlock, via, null);
    }
}
