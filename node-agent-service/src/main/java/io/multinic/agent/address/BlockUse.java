package io.multinic.agent.address;

import io.multinic.contract.address.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Held and freed addresses of one pod block. An address in neither collection counts as never used.
///
/// @param held each held address with its holder, for messages
/// @param resting freed addresses
public record BlockUse(SortedMap<IpAddress, String> held, List<Rested> resting) {
    public static final BlockUse NONE = new BlockUse(new TreeMap<>(), List.of());

    public BlockUse {
        held = Collections.unmodifiableSortedMap(new TreeMap<>(held));
        resting = List.copyOf(resting);
    }

    /// A freed address.
    public record Rested(IpAddress address, Instant freedAt) {
        /// Compares the distance between the two times, so that a clock that was set back does not lock the address
        /// until it has caught up.
        public boolean hasRested(Instant now, Duration restingTime) {
            return Duration.between(freedAt, now).abs().compareTo(restingTime) >= 0;
        }
    }
}
