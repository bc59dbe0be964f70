package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.Collection;

/// What the ledger shows as held in a network, by whichever node.
@FunctionalInterface
public interface HeldAddresses {
    /// The held addresses in these blocks.
    Collection<Cidr> in(Collection<Cidr> podBlocks);
}
