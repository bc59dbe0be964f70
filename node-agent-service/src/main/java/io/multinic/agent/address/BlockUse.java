package io.multinic.agent.address;

import io.multinic.contract.address.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is known of the addresses of one pod block; what is in neither collection was never used, or so long ago that
/// it is forgotten.
///
/// @param held each held address and its holder, for messages
/// @param resting freed addresses, the longest rested first
public record BlockUse(SortedMap<IpAddress, String> held, List<Rested> resting) {
    public static final BlockUse NONE = new BlockUse(new TreeMap<>(), List.of());

    public BlockUse {
        held = Collections.unmodifiableSortedMap(new TreeMap<>(held));
        resting = List.copyOf(resting);
    }

    /// An address and when it was freed.
    public record Rested(IpAddress address, Instant freedAt) {
        /// A clock that was set back must not lock an address for as long as it was set back, so only the distance
        /// counts.
        boolean hasRested(Instant now, Duration restingTime) {
            return Duration.between(freedAt, now).abs().compareTo(restingTime) >= 0;
        }
    }
}
