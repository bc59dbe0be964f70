package io.multinic.agent.address;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/// Port to the state of the addresses of one pod block.
///
/// An address is held, or freed, or neither, which counts as never used. The work of all methods except [#use] does not
/// depend on the number of addresses in one of these states.
public interface BlockAddresses {
    /// The holder of an address, for messages; empty if the address is not held.
    Optional<String> holder(IpAddress address);

    default boolean isHeld(IpAddress address) {
        return holder(address).isPresent();
    }

    /// The lowest address of the block from `from` on that was never used.
    Optional<IpAddress> lowestFree(IpAddress from);

    /// The address that was freed first, of those that were freed at least the resting time ago and are usable.
    Optional<IpAddress> leastRecentlyFreed(Instant now, Duration restingTime, Predicate<IpAddress> usable);

    /// The freed address that an interface of a pod had last. Pods without a UID have none.
    Optional<IpAddress> lastHeldBy(PodRef pod, String podInterface);

    /// All held and freed addresses, for the message of a refusal.
    BlockUse use();

    /// Source of the state of each block.
    interface Source {
        BlockAddresses of(Cidr podBlock);
    }
}
