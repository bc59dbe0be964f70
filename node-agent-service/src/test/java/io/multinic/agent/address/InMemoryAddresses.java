package io.multinic.agent.address;

import io.multinic.agent.address.BlockUse.Rested;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Fake of the state of a network's addresses, in memory; it looks at every address.
public final class InMemoryAddresses implements BlockAddresses.Source {
    private final TreeMap<IpAddress, String> held = new TreeMap<>();
    private final List<Freed> freed = new ArrayList<>();

    /// A freed address with the pod interface that had it.
    public record Freed(IpAddress address, Instant at, PodRef pod, String podInterface) {}

    /// Sets the holder of an address, which is not freed any more.
    public void hold(IpAddress address, String holder) {
        held.put(address, holder);
        freed.removeIf(other -> other.address().equals(address));
    }

    public void free(Freed address) {
        held.remove(address.address());
        freed.removeIf(other -> other.address().equals(address.address()));
        freed.add(address);
    }

    @Override
    public BlockAddresses of(Cidr podBlock) {
        return new Block(podBlock);
    }

    private final class Block implements BlockAddresses {
        private final Cidr block;

        Block(Cidr block) {
            this.block = block;
        }

        private List<Freed> freedHere() {
            return freed.stream()
                    .filter(candidate -> block.contains(candidate.address()))
                    .toList();
        }

        @Override
        public Optional<String> holder(IpAddress address) {
            return Optional.ofNullable(held.get(address));
        }

        @Override
        public Optional<IpAddress> lowestFree(IpAddress from) {
            IpAddress candidate = from;
            while (isUsed(candidate)) {
                if (candidate.equals(block.last())) {
                    return Optional.empty();
                }
                candidate = candidate.plus(1);
            }
            return Optional.of(candidate);
        }

        private boolean isUsed(IpAddress address) {
            return held.containsKey(address)
                    || freed.stream().anyMatch(known -> known.address().equals(address));
        }

        @Override
        public Optional<IpAddress> leastRecentlyFreed(Instant now, Duration restingTime, Predicate<IpAddress> usable) {
            return freedHere().stream()
                    .filter(candidate -> new Rested(candidate.address(), candidate.at()).hasRested(now, restingTime))
                    .filter(candidate -> usable.test(candidate.address()))
                    .min(Comparator.comparing(
                                    (Freed candidate) -> candidate.at().isAfter(now))
                            .thenComparing(Freed::at))
                    .map(Freed::address);
        }

        @Override
        public Optional<IpAddress> lastHeldBy(PodRef pod, String podInterface) {
            return freedHere().reversed().stream()
                    .filter(candidate -> !pod.uid().isEmpty()
                            && candidate.pod().equals(pod)
                            && candidate.podInterface().equals(podInterface))
                    .map(Freed::address)
                    .findFirst();
        }

        @Override
        public BlockUse use() {
            var here = new TreeMap<IpAddress, String>();
            held.forEach((address, holder) -> {
                if (block.contains(address)) {
                    here.put(address, holder);
                }
            });
            return new BlockUse(
                    here,
                    freedHere().stream()
                            .map(candidate -> new Rested(candidate.address(), candidate.at()))
                            .toList());
        }
    }
}
