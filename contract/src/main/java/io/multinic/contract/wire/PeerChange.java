package io.multinic.contract.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Change of the route to a block of another node: it is now reached through `via`, except for the addresses in
/// `excluded` (optional), or, without `via`, no longer reached.
public record PeerChange(
        String network,
        int interfaceIndex,
        String node,
        Cidr podBlock,
        @Nullable IpAddress via,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Cidr> excluded) {
    public PeerChange(
            String network,
            int interfaceIndex,
            String node,
            Cidr podBlock,
            @Nullable IpAddress via,
            @Nullable List<Cidr> excluded) {
        this.network = network;
        this.interfaceIndex = interfaceIndex;
        this.node = node;
        this.podBlock = podBlock;
        this.via = via;
        this.excluded = excluded == null ? List.of() : List.copyOf(excluded);
    }

    /// Creates a change without exclusions.
    public PeerChange(String network, int interfaceIndex, String node, Cidr podBlock, @Nullable IpAddress via) {
        this(network, interfaceIndex, node, podBlock, via, null);
    }
}
