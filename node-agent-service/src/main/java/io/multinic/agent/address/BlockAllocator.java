package io.multinic.agent.address;

import io.multinic.agent.address.BlockUse.Rested;
import io.multinic.agent.address.Decision.AddressUnavailable;
import io.multinic.agent.address.Decision.BlockFull;
import io.multinic.agent.address.Decision.Grant;
import io.multinic.agent.address.Decision.Granted;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PodRef;
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
/// Addresses that were never used come first, the lowest first, then freed ones in the order in which they were freed.
/// An address that was freed less than the resting time ago is assigned only to a pod that named it; if there is no
/// other, the block is full, and the refusal contains the time until one is ready. (A pod with a named address is often
/// created again at once, and no other pod can have held the address meanwhile.)
///
/// The work grows with the number of held, resting, excluded and reserved addresses, never with the size of the block.
public final class BlockAllocator {
    private BlockAllocator() {}

    /// @param use of each pod block of the request; a block without an entry is unused
    public static Decision decide(AddressRequest request, Map<Cidr, BlockUse> use) {
        Map<Cidr, IpAddress> named = new HashMap<>();
        for (IpAddress address : request.wanted()) {
            var refusal = assign(address, request, use, named);
            if (refusal.isPresent()) {
                return refusal.get();
            }
        }
        List<Grant> grants = new ArrayList<>();
        for (InterfaceDemand demand : request.interfaces()) {
            for (NicBlock block : demand.blocks()) {
                IpAddress address = named.get(block.podBlock());
                if (address == null) {
                    address = leastRecentlyUsed(block, use(use, block), request);
                }
                if (address == null) {
                    return full(block, use(use, block), request);
                }
                grants.add(new Grant(demand.podInterface(), block, address));
            }
        }
        return new Granted(grants);
    }

    private static BlockUse use(Map<Cidr, BlockUse> use, NicBlock block) {
        return use.getOrDefault(block.podBlock(), BlockUse.NONE);
    }

    /// Adds a named address to `named` under its block, or returns the refusal.
    private static Optional<AddressUnavailable> assign(
            IpAddress address, AddressRequest request, Map<Cidr, BlockUse> use, Map<Cidr, IpAddress> named) {
        var block = request.blocks().stream()
                .filter(candidate -> candidate.podBlock().contains(address))
                .findFirst();
        String obstacle = block.isEmpty()
                ? outside(request)
                : obstacle(
                        address,
                        block.get(),
                        request.pod(),
                        use(use, block.get()),
                        named.get(block.get().podBlock()));
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

    private static @Nullable String obstacle(
            IpAddress address, NicBlock block, PodRef pod, BlockUse use, @Nullable IpAddress alreadyNamed) {
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
        if (reserved.isPresent() && !reserved.get().isFor(pod)) {
            return "it is reserved (" + reserved.get() + "), and not for " + pod;
        }
        String holder = use.held().get(address);
        return holder == null ? null : "it is held by " + holder;
    }

    private static @Nullable IpAddress leastRecentlyUsed(NicBlock block, BlockUse use, AddressRequest request) {
        IpAddress fresh = lowestNeverUsed(block, use);
        if (fresh != null) {
            return fresh;
        }
        return usableResting(block, use).stream()
                .filter(rested -> rested.hasRested(request.now(), request.restingTime()))
                .map(Rested::address)
                .findFirst()
                .orElse(null);
    }

    /// Searches upwards from the start of the block; each step skips one held, resting or special address, or one
    /// excluded or reserved range.
    private static @Nullable IpAddress lowestNeverUsed(NicBlock block, BlockUse use) {
        Set<IpAddress> resting = use.resting().stream().map(Rested::address).collect(Collectors.toSet());
        var reserved = ReservedAddresses.of(block);
        IpAddress last = block.podBlock().last();
        IpAddress next = block.podBlock().first();
        while (true) {
            IpAddress candidate = next;
            var skipped = excluding(candidate, block)
                    .map(Cidr::last)
                    .or(() -> reserved.covering(candidate).map(ReservedRange::last));
            if (skipped.isEmpty()
                    && !isSpecial(candidate, block.interfaceBlock())
                    && !use.held().containsKey(candidate)
                    && !resting.contains(candidate)) {
                return candidate;
            }
            IpAddress end = skipped.orElse(candidate);
            if (end.compareTo(last) >= 0) {
                return null;
            }
            next = end.plus(1);
        }
    }

    private static List<Rested> usableResting(NicBlock block, BlockUse use) {
        var reserved = ReservedAddresses.of(block);
        return use.resting().stream()
                .filter(rested -> block.podBlock().contains(rested.address()))
                .filter(rested -> !isSpecial(rested.address(), block.interfaceBlock()))
                .filter(rested -> excluding(rested.address(), block).isEmpty())
                .filter(rested -> reserved.covering(rested.address()).isEmpty())
                .filter(rested -> !use.held().containsKey(rested.address()))
                .toList();
    }

    private static BlockFull full(NicBlock block, BlockUse use, AddressRequest request) {
        var resting = usableResting(block, use);
        Duration nextReady = resting.stream()
                .map(rested -> request.restingTime()
                        .minus(Duration.between(rested.freedAt(), request.now()).abs()))
                .min(Comparator.naturalOrder())
                .orElse(null);
        return new BlockFull(
                request.network(),
                block.nic(),
                block.podBlock(),
                use.held().size(),
                resting.size(),
                freeReserved(block, use),
                nextReady);
    }

    private static long freeReserved(NicBlock block, BlockUse use) {
        var reserved = ReservedAddresses.of(block);
        Set<IpAddress> taken = new HashSet<>(use.held().keySet());
        taken.addAll(block.interfaceBlock().specialAddresses());
        long notFree = taken.stream()
                .filter(address -> excluding(address, block).isEmpty())
                .filter(address -> reserved.covering(address).isPresent())
                .count();
        return reserved.count() - notFree;
    }

    private static Optional<Cidr> excluding(IpAddress address, NicBlock block) {
        return block.excluded().stream().filter(cidr -> cidr.contains(address)).findFirst();
    }

    private static boolean isSpecial(IpAddress address, Cidr interfaceBlock) {
        return interfaceBlock.specialAddresses().contains(address);
    }
}
