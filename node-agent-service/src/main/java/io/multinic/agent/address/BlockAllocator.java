package io.multinic.agent.address;

import io.multinic.agent.address.Decision.AddressUnavailable;
import io.multinic.agent.address.Decision.BlockFull;
import io.multinic.agent.address.Decision.Grant;
import io.multinic.agent.address.Decision.Granted;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.ReservedRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Chooses the addresses of an attachment from the blocks of its NICs.
///
/// Goals, in this order: never assign an address that is held, excluded or special; assign a reserved address only to a
/// pod that it is reserved for and that names it; assign the addresses that the user named, or refuse; otherwise assign
/// the least recently used address, so that stale caches of peers and half-closed connections do not reach another pod.
///
/// The special addresses are those of the *interface* block, which every pod sees as its on-link network
/// ([Cidr#specialAddresses]). The first and last address of a *pod* block are otherwise ordinary: in 192.168.1.0/24 of
/// 192.168.0.0/18, 192.168.1.0 is assigned too.
///
/// An interface of a pod gets the address back that it had before, without rest: its ADD is repeated after a failure,
/// or
/// the pod has a new sandbox, and no other pod can have held the address meanwhile.
///
/// Otherwise addresses that were never used come first, the lowest first, then freed ones in the order in which they
/// were freed. Beyond the first [#NEW_FIRST] addresses of a block freed ones come first, so that the number of
/// addresses to remember is bounded in a block of 2^64. An address that was freed less than the resting time ago is
/// assigned only to a pod that had it or that named it; if there is no other, the block is full, and the refusal
/// contains the time until one is ready. (A pod with a named address is often created again at once, and no other pod
/// can have held the address meanwhile.)
///
/// The work grows with the number of excluded and reserved ranges only, never with the size of the block or the number
/// of addresses that are or were held. A refusal counts them for its message.
public final class BlockAllocator {
    /// Number of addresses at the start of a block that are preferred to freed ones while they are new.
    static final int NEW_FIRST = 4_096;

    private final AddressRequest request;
    private final BlockAddresses.Source blocks;

    private BlockAllocator(AddressRequest request, BlockAddresses.Source blocks) {
        this.request = request;
        this.blocks = blocks;
    }

    /// @param blocks state of each pod block of the request
    public static Decision decide(AddressRequest request, BlockAddresses.Source blocks) {
        return new BlockAllocator(request, blocks).decide();
    }

    private Decision decide() {
        Map<Cidr, IpAddress> named = new HashMap<>();
        for (IpAddress address : request.wanted()) {
            var refusal = assign(address, named);
            if (refusal.isPresent()) {
                return refusal.get();
            }
        }
        List<Grant> grants = new ArrayList<>();
        for (InterfaceDemand demand : request.interfaces()) {
            for (NicBlock block : demand.blocks()) {
                var search = new Search(block, blocks.of(block.podBlock()));
                var address = Optional.ofNullable(named.get(block.podBlock()))
                        .or(() -> search.choose(request, demand.podInterface()));
                if (address.isEmpty()) {
                    return search.full(request);
                }
                grants.add(new Grant(demand.podInterface(), block, address.get()));
            }
        }
        return new Granted(grants);
    }

    /// Adds a named address to `named` under its block, or returns the refusal.
    private Optional<AddressUnavailable> assign(IpAddress address, Map<Cidr, IpAddress> named) {
        var block = request.blocks().stream()
                .filter(candidate -> candidate.podBlock().contains(address))
                .findFirst();
        String obstacle = block.isEmpty()
                ? outside(request)
                : obstacle(address, block.get(), named.get(block.get().podBlock()));
        if (obstacle != null) {
            return Optional.of(new AddressUnavailable(request.network(), address, obstacle));
        }
        block.ifPresent(found -> named.put(found.podBlock(), address));
        return Optional.empty();
    }

    private static String outside(AddressRequest request) {
        return "it is in none of the blocks of the selected NICs of this node: "
                + request.blocks().stream()
                        .map(block -> block.podBlock() + " (" + block.nic() + ")")
                        .collect(Collectors.joining(", "));
    }

    private @Nullable String obstacle(IpAddress address, NicBlock block, @Nullable IpAddress alreadyNamed) {
        if (alreadyNamed != null) {
            return "NIC " + block.nic() + " is to have " + alreadyNamed + " already; name one address of each block";
        }
        if (isSpecial(address, block.interfaceBlock())) {
            return "it is the network or broadcast address of " + block.interfaceBlock();
        }
        var exclude = excluding(address, block);
        if (exclude.isPresent()) {
            return "the network excludes " + exclude.get();
        }
        var reserved = ReservedAddresses.of(block).covering(address);
        if (reserved.isPresent() && !reserved.get().isFor(request.pod())) {
            return "it is reserved (" + reserved.get() + "), and not for " + request.pod();
        }
        return blocks.of(block.podBlock())
                .holder(address)
                .map(holder -> "it is held by " + holder)
                .orElse(null);
    }

    /// The choice of an address in one block.
    private record Search(NicBlock block, BlockAddresses addresses, ReservedAddresses reserved) {
        Search(NicBlock block, BlockAddresses addresses) {
            this(block, addresses, ReservedAddresses.of(block));
        }

        Optional<IpAddress> choose(AddressRequest request, String podInterface) {
            var before = addresses.lastHeldBy(request.pod(), podInterface).filter(this::usable);
            if (before.isPresent()) {
                return before;
            }
            var fresh = lowestNeverUsed();
            if (fresh.isPresent() && fresh.get().minus(block.podBlock().first()) < NEW_FIRST) {
                return fresh;
            }
            return addresses
                    .leastRecentlyFreed(request.now(), request.restingTime(), this::usable)
                    .or(() -> fresh);
        }

        /// Searches upwards from the start of the block; each step skips one special address, or one excluded or
        /// reserved range.
        private Optional<IpAddress> lowestNeverUsed() {
            IpAddress last = block.podBlock().last();
            var candidate = addresses.lowestFree(block.podBlock().first());
            while (candidate.isPresent() && !allowed(candidate.get())) {
                IpAddress end = skipped(candidate.get());
                candidate = end.compareTo(last) >= 0 ? Optional.empty() : addresses.lowestFree(end.plus(1));
            }
            return candidate;
        }

        private IpAddress skipped(IpAddress address) {
            return excluding(address, block)
                    .map(Cidr::last)
                    .or(() -> reserved.covering(address).map(ReservedRange::last))
                    .orElse(address);
        }

        private boolean allowed(IpAddress address) {
            return block.podBlock().contains(address)
                    && !isSpecial(address, block.interfaceBlock())
                    && excluding(address, block).isEmpty()
                    && reserved.covering(address).isEmpty();
        }

        private boolean usable(IpAddress address) {
            return allowed(address) && !addresses.isHeld(address);
        }

        BlockFull full(AddressRequest request) {
            BlockUse use = addresses.use();
            var resting = use.resting().stream()
                    .filter(rested -> allowed(rested.address()) && !use.held().containsKey(rested.address()))
                    .toList();
            Duration nextReady = resting.stream()
                    .map(rested -> request.restingTime()
                            .minus(Duration.between(rested.freedAt(), request.now())
                                    .abs()))
                    .min(Comparator.naturalOrder())
                    .orElse(null);
            return new BlockFull(
                    request.network(),
                    block.nic(),
                    block.podBlock(),
                    use.held().size(),
                    resting.size(),
                    freeReserved(use),
                    nextReady);
        }

        private long freeReserved(BlockUse use) {
            Set<IpAddress> taken = new HashSet<>(use.held().keySet());
            taken.addAll(block.interfaceBlock().specialAddresses());
            long notFree = taken.stream()
                    .filter(address -> excluding(address, block).isEmpty())
                    .filter(address -> reserved.covering(address).isPresent())
                    .count();
            return reserved.count() - notFree;
        }
    }

    private static Optional<Cidr> excluding(IpAddress address, NicBlock block) {
        return block.excluded().stream().filter(cidr -> cidr.contains(address)).findFirst();
    }

    private static boolean isSpecial(IpAddress address, Cidr interfaceBlock) {
        return interfaceBlock.specialAddresses().contains(address);
    }
}
