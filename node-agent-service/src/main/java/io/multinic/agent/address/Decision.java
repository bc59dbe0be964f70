package io.multinic.agent.address;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the allocator answers.
public sealed interface Decision {
    /// One address for each block of each interface, in the order of the request.
    record Granted(List<Grant> grants) implements Decision {
        public Granted {
            grants = List.copyOf(grants);
        }
    }

    /// `address` of `block` goes to `podInterface`.
    record Grant(String podInterface, NicBlock block, IpAddress address) {}

    /// Why there are no addresses; nothing was granted then, not even for the other interfaces.
    sealed interface Refusal extends Decision {
        /// Names the network, the NIC, the block or address, and the remedy.
        String message();
    }

    /// @param reserved addresses that are kept back and that nobody holds
    /// @param nextReady how long until the first resting address may be used; null if none rests
    record BlockFull(
            String network,
            String nic,
            Cidr block,
            int held,
            int resting,
            long reserved,
            @Nullable Duration nextReady) implements Refusal {
        @Override
        public String message() {
            return "network " + network + ": no address is free in block " + block + " of NIC " + nic + ": " + held
                    + " held, " + resting + " resting"
                    + (reserved == 0 ? "" : ", " + reserved + " reserved")
                    + (nextReady == null
                            ? "; delete pods on this node or use a network with a smaller hostBlock"
                            : "; the next one is ready in " + (nextReady.toSeconds() + 1) + " s");
        }
    }

    record AddressUnavailable(String network, IpAddress address, String reason) implements Refusal {
        @Override
        public String message() {
            return "network " + network + ": address " + address + " cannot be given: " + reason;
        }
    }
}
