package io.multinic.ipam.recovery;

import io.multinic.contract.address.Cidr;
import io.multinic.ipam.plan.HostKey;
import io.multinic.ipam.plan.Indexes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The indexes of a network once what nodes claim is theirs again.
///
/// A database that lost commits may have given a claimed index to somebody else. While it is in quarantine
/// a claim wins over a node that has not spoken: that one lost the index in the lost commits, or will claim
/// the one it has. It never wins over a node that has spoken; then two claim one block, and the first one
/// keeps it. After the quarantine it wins over nobody.
///
/// @param indexes with the claims that were granted
/// @param losers the nodes that lost an index to a claim
/// @param refused the claims that were not granted, and why
public record ClaimResolution(Indexes indexes, Set<String> losers, Map<BlockClaim, String> refused) {
    public ClaimResolution {
        losers = Set.copyOf(losers);
        refused = Map.copyOf(refused);
    }

    /// @param known the indexes of all nodes by NIC
    /// @param claims the earlier ones first
    /// @param spoken UIDs of the nodes that have spoken
    public static ClaimResolution of(Indexes known, List<BlockClaim> claims, Set<String> spoken, boolean quarantined) {
        var walk = new Walk(known, spoken, quarantined);
        claims.forEach(walk::take);
        return new ClaimResolution(
                new Indexes(walk.interfaces, walk.hosts, known.taken(), known.restraint()), walk.losers, walk.refused);
    }

    private record Place(Cidr masterNet, int hostIndex) {}

    private static final class Walk {
        private final Map<Cidr, Integer> interfaces;
        private final Map<HostKey, Integer> hosts;
        private final Map<Place, HostKey> holders = new HashMap<>();
        private final Set<String> spoken;
        private final boolean quarantined;
        private final Set<HostKey> granted = new HashSet<>();
        private final Set<String> losers = new HashSet<>();
        private final Map<BlockClaim, String> refused = new HashMap<>();

        Walk(Indexes known, Set<String> spoken, boolean quarantined) {
            this.interfaces = new HashMap<>(known.interfaces());
            this.hosts = new HashMap<>(known.hosts());
            this.spoken = spoken;
            this.quarantined = quarantined;
            hosts.forEach((key, index) -> holders.put(new Place(key.masterNet(), index), key));
        }

        void take(BlockClaim claim) {
            String refusal = refusal(claim);
            if (refusal != null) {
                refused.put(claim, refusal);
                return;
            }
            Cidr masterNet = claim.key().masterNet();
            dropInterface(masterNet, claim.interfaceIndex(), claim.key().nodeUid());
            interfaces.put(masterNet, claim.interfaceIndex());
            HostKey holder = holders.get(new Place(masterNet, claim.hostIndex()));
            if (holder != null && !holder.equals(claim.key())) {
                drop(holder, claim.key().nodeUid());
            }
            Integer before = hosts.put(claim.key(), claim.hostIndex());
            if (before != null) {
                holders.remove(new Place(masterNet, before), claim.key());
            }
            holders.put(new Place(masterNet, claim.hostIndex()), claim.key());
            granted.add(claim.key());
        }

        private @Nullable String refusal(BlockClaim claim) {
            Cidr masterNet = claim.key().masterNet();
            Integer index = interfaces.get(masterNet);
            if (index != null && index != claim.interfaceIndex() && isFixed(key -> inNet(key, masterNet))) {
                return "interface index " + index + " is that of " + masterNet + " now, with hosts that have spoken";
            }
            Cidr other = netWith(claim.interfaceIndex());
            if (other != null && !other.equals(masterNet) && isFixed(key -> inNet(key, other))) {
                return "interface index " + claim.interfaceIndex() + " is that of " + other
                        + " now, with hosts that have spoken";
            }
            HostKey holder = holders.get(new Place(masterNet, claim.hostIndex()));
            if (holder != null && !holder.nodeUid().equals(claim.key().nodeUid()) && isFixed(holder)) {
                return "the block is that of node UID " + holder.nodeUid() + " (" + holder.nic() + ") now";
            }
            Integer own = hosts.get(claim.key());
            return own != null && !quarantined && own != claim.hostIndex()
                    ? "the NIC has host index " + own + " instead by now"
                    : null;
        }

        private boolean isFixed(HostKey key) {
            return !quarantined || granted.contains(key) || spoken.contains(key.nodeUid());
        }

        private boolean isFixed(Predicate<HostKey> which) {
            return hosts.keySet().stream().filter(which).anyMatch(this::isFixed);
        }

        private static boolean inNet(HostKey key, Cidr masterNet) {
            return key.masterNet().equals(masterNet);
        }

        private @Nullable Cidr netWith(int interfaceIndex) {
            return interfaces.entrySet().stream()
                    .filter(entry -> entry.getValue() == interfaceIndex)
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
        }

        /// Takes away whatever keeps the network of NICs from having the index.
        private void dropInterface(Cidr masterNet, int interfaceIndex, String winner) {
            Integer index = interfaces.get(masterNet);
            if (index != null && index != interfaceIndex) {
                dropHosts(masterNet, winner);
            }
            Cidr other = netWith(interfaceIndex);
            if (other != null && !other.equals(masterNet)) {
                dropHosts(other, winner);
                interfaces.remove(other);
            }
        }

        private void dropHosts(Cidr masterNet, String winner) {
            hosts.keySet().stream()
                    .filter(key -> inNet(key, masterNet))
                    .toList()
                    .forEach(key -> drop(key, winner));
        }

        private void drop(HostKey key, String winner) {
            Integer index = hosts.remove(key);
            if (index != null) {
                holders.remove(new Place(key.masterNet(), index), key);
            }
            if (!key.nodeUid().equals(winner)) {
                losers.add(key.nodeUid());
            }
        }
    }
}
