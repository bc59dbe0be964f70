package io.multinic.contract.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.multinic.contract.address.Cidr;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Block of addresses that this node assigns to pods on one of its NICs; there is one for each family.
///
/// `masterNet` is the NIC's network; `interfaceBlock` is on-link for a pod; of `podBlock`, addresses in `excluded` are
/// never assigned, those in `reserved` only to the pods that they are reserved for. `reserved` is absent in plans of
/// older services.
public record NicBlock(
        String nic,
        Cidr masterNet,
        int interfaceIndex,
        int hostIndex,
        Cidr interfaceBlock,
        Cidr podBlock,
        List<Cidr> excluded,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ReservedRange> reserved) {

    public NicBlock(
            String nic,
            Cidr masterNet,
            int interfaceIndex,
            int hostIndex,
            Cidr interfaceBlock,
            Cidr podBlock,
            List<Cidr> excluded,
            @Nullable List<ReservedRange> reserved) {
        this.nic = nic;
        this.masterNet = masterNet;
        this.interfaceIndex = interfaceIndex;
        this.hostIndex = hostIndex;
        this.interfaceBlock = interfaceBlock;
        this.podBlock = podBlock;
        this.excluded = List.copyOf(excluded);
        this.reserved = reserved == null ? List.of() : List.copyOf(reserved);
    }

    /// Creates a block without reservations.
    public NicBlock(
            String nic,
            Cidr masterNet,
            int interfaceIndex,
            int hostIndex,
            Cidr interfaceBlock,
            Cidr podBlock,
            List<Cidr> excluded) {
        this(nic, masterNet, interfaceIndex, hostIndex, interfaceBlock, podBlock, excluded, List.of());
    }
}
