package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.Collection;

/// Addresses that the ledger shows as held in a network, on any node.
@FunctionalInterface
public interface HeldAddresses {
    /// Held addresses in these blocks.
    Collection<Cidr> in(Collection<Cidr> podBlocks);
}
