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

/// Resolution of block claims: the indexes of a network after the claims of nodes were granted or refused.
///
/// A database that lost commits may have assigned a claimed index to another node. During quarantine a claim
/// displaces a node that has not reported: that node lost the index in the lost commits, or will claim the one it
/// has. It never displaces a node that has reported; of two claims to one block the first one is granted. After
/// quarantine a claim displaces no node.
///
/// @param indexes including the granted claims
/// @param displacedNodes nodes that lost an index to a claim
/// @param refused claims that were not granted, with the reason
public record ClaimResolution(Indexes indexes, Set<String> displacedNodes, Map<BlockClaim, String> refused) {
    public ClaimResolution {
        displacedNodes = Set.copyOf(displacedNodes);
        refused = Map.copyOf(refused);
    }

    /// @param known indexes of all nodes by NIC
    /// @param claims in the order of their arrival
    /// @param reported UIDs of the nodes that have reported
    public static ClaimResolution of(
            Indexes known, List<BlockClaim> claims, Set<String> reported, boolean quarantined) {
        var resolution = new Resolution(known, reported, quarantined);
        claims.forEach(resolution::resolve);
        return new ClaimResolution(
                new Indexes(resolution.interfaces, resolution.hosts, known.taken(), known.limits()),
                resolution.displacedNodes,
                resolution.refused);
    }

    private record Place(Cidr masterNet, int hostIndex) {}

    private static final class Resolution {
        private final Map<Cidr, Integer> interfaces;
        private final Map<HostKey, Integer> hosts;
        private final Map<Place, HostKey> holders = new HashMap<>();
        private final Set<String> reported;
        private final boolean quarantined;
        private final Set<HostKey> granted = new HashSet<>();
        private final Set<String> displacedNodes = new HashSet<>();
        private final Map<BlockClaim, String> refused = new HashMap<>();

        Resolution(Indexes known, Set<String> reported, boolean quarantined) {
            this.interfaces = new HashMap<>(known.interfaces());
            this.hosts = new HashMap<>(known.hosts());
            this.reported = reported;
            this.quarantined = quarantined;
            hosts.forEach((key, index) -> holders.put(new Place(key.masterNet(), index), key));
        }

        void resolve(BlockClaim claim) {
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
            if (index != null && index != claim.interfaceIndex() && isFixed(key -> isIn(key, masterNet))) {
                return "interface index " + index + " is that of " + masterNet + " now, with hosts that have spoken";
            }
            Cidr other = networkOf(claim.interfaceIndex());
            if (other != null && !other.equals(masterNet) && isFixed(key -> isIn(key, other))) {
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
            return !quarantined || granted.contains(key) || reported.contains(key.nodeUid());
        }

        private boolean isFixed(Predicate<HostKey> which) {
            return hosts.keySet().stream().filter(which).anyMatch(this::isFixed);
        }

        private static boolean isIn(HostKey key, Cidr masterNet) {
            return key.masterNet().equals(masterNet);
        }

        private @Nullable Cidr networkOf(int interfaceIndex) {
            return interfaces.entrySet().stream()
                    .filter(entry -> entry.getValue() == interfaceIndex)
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
        }

        /// Removes the assignments that conflict with this index for the NIC network.
        private void dropInterface(Cidr masterNet, int interfaceIndex, String claimant) {
            Integer index = interfaces.get(masterNet);
            if (index != null && index != interfaceIndex) {
                dropHosts(masterNet, claimant);
            }
            Cidr other = networkOf(interfaceIndex);
            if (other != null && !other.equals(masterNet)) {
                dropHosts(other, claimant);
                interfaces.remove(other);
            }
        }

        private void dropHosts(Cidr masterNet, String claimant) {
            hosts.keySet().stream().filter(key -> isIn(key, masterNet)).toList().forEach(key -> drop(key, claimant));
        }

        private void drop(HostKey key, String claimant) {
            Integer index = hosts.remove(key);
            if (index != null) {
                holders.remove(new Place(key.masterNet(), index), key);
            }
            if (!key.nodeUid().equals(claimant)) {
                displacedNodes.add(key.nodeUid());
            }
        }
    }
}
