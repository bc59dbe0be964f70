package io.multinic.contract.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A block of another node, and the address of the NIC of that node through which it is reached.
///
/// What is `excluded` from the block belongs to somebody else, such as a host in host-subnet mode, and is not
/// reached through that NIC. Optional: plans that an agent kept from before it had this do not have it.
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

    /// Of which nothing is excluded.
    public PeerBlock(String node, int interfaceIndex, Cidr podBlock, IpAddress via) {
        this(node, interfaceIndex, podBlock, via, null);
    }
}
