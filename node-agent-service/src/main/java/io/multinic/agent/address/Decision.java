package io.multinic.agent.address;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Result of an allocation.
public sealed interface Decision {
    /// One address for each block of each interface, in the order of the request.
    record Granted(List<Grant> grants) implements Decision {
        public Granted {
            grants = List.copyOf(grants);
        }
    }

    /// `address` of `block` goes to `podInterface`.
    record Grant(String podInterface, NicBlock block, IpAddress address) {}

    /// A refusal. No address is granted then, for any interface.
    sealed interface Refusal extends Decision {
        /// The reason, with network, NIC, block or address, and remedy.
        String message();
    }

    /// All addresses of a block are held, resting or reserved.
    ///
    /// @param reserved number of reserved addresses that no pod holds
    /// @param nextReady time until the first resting address is ready; null if none is resting
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

    /// An address that the user named is not available.
    record AddressUnavailable(String network, IpAddress address, String reason) implements Refusal {
        @Override
        public String message() {
            return "network " + network + ": address " + address + " cannot be given: " + reason;
        }
    }
}
