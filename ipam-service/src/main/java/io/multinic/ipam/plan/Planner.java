package io.multinic.ipam.plan;

import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.AddressLayout;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Planner that assigns the blocks of a network to nodes.
///
/// Goals, in the order of their importance:
/// 1. No two NICs share an address: an index is assigned once.
/// 2. Stable: an assigned index stays, whatever happens to other nodes, and also while its NIC or node is absent.
/// 3. Dense: the lowest free index, so that the same cluster planned from nothing gets the same plan.
/// 4. A NIC that gets no block is reported with reason and remedy, and prevents no other assignment.
///
/// Constraints:
/// - Interface indexes are assigned to NIC networks: to `masterNets` in their order, whether a NIC exists yet or not;
///   without `masterNets` to the networks of all NICs, sorted. Later ones get the lowest free index.
/// - Host indexes are assigned to (node, NIC, NIC network), separately within each interface index.
/// - An index is unusable if the excludes cover its whole block in any subnet. A smaller exclude stays inside the
///   block and removes addresses from it.
/// - A block without an address for pods is full: it is not assigned, but a node that has it keeps it. Special
///   addresses, the first and for IPv4 the last one of the interface block, are never for pods.
/// - IPv4 and IPv6 subnets share the indexes.
/// - [AllocationLimits] of the previous indexes can suspend new assignments, and exclude those whose block is
///   reserved.
/// - No host index is assigned while pods hold addresses in its block.
///
/// Formula, for a subnet of prefix length p in an address of w bits, interface index i, host index h: `interface
/// block = subnet + (i << w - p - interfaceBlock)`, length p + interfaceBlock; `pod block = interface block + (h << w
/// - p - interfaceBlock - hostBlock)`, length p + interfaceBlock + hostBlock.
///
/// Example: 192.168.0.0/16, interfaceBlock 2, hostBlock 8, masterNets 10.0.1.0/24 and 10.0.2.0/24, excludes
/// 192.168.0.64/26 and 192.168.0.128/30; nodes a, b, c, each with eth1 in the first and eth2 in the second network.
/// Interface 0 is 192.168.0.0/18, interface 1 is 192.168.64.0/18. The block of (0, 1) would be 192.168.0.64/26, all
/// of it excluded: on eth1 a, b, c get 0, 2, 3, on eth2 0, 1, 2. The block of b on eth1, 192.168.0.128/26, does not
/// assign 192.168.0.128/30.
///
/// Host-subnet mode (no subnet): the interface block is the NIC network itself, the index only identifies it, and
/// pods share the network with the hosts.
/// - The addresses of all hosts are excluded from the blocks that contain them, and may fill a block as excludes do.
/// - A NIC network gets no index if `hostBlock` cannot divide it, or if it overlaps a subnet of another network or
///   another NIC network.
///
/// Example: masterNets 10.0.1.0/24, hostBlock 6, hosts a, b, c with 10.0.1.1, .2 and .3 there. 10.0.1.0/30 is full; a
/// gets 10.0.1.4/30. A host d that joins with 10.0.1.5 removes an address from the block of a.
///
/// Time is linear in the assigned indexes and the planned NICs, except for sorting networks and excludes.
public final class Planner {
    private final NetworkDefinition network;
    private final List<AddressLayout> layouts;
    private final OccupiedAddresses occupied;
    private final AllocationLimits limits;
    private final Excludes excludes;
    /// Addresses that pods cannot have: the excludes and, in host-subnet mode, the hosts' own addresses.
    private final Excludes reserved;
    private final Map<Cidr, Interface> interfaces = new LinkedHashMap<>();
    /// Reason why a NIC network has no index.
    private final Map<Cidr, String> withoutIndex = new HashMap<>();
    private final Map<HostKey, Integer> hostIndexes = new HashMap<>();
    private final List<HostSlot> slots = new ArrayList<>();
    private final List<Unplaced> unplaced = new ArrayList<>();

    /// Interface index while hosts are placed in it; `division` is the layout of each of its blocks.
    private record Interface(InterfaceSlot slot, List<AddressLayout> division, IndexAllocator hosts) {}

    private Planner(NetworkDefinition network, OccupiedAddresses occupied, AllocationLimits limits) {
        this.network = network;
        this.limits = limits;
        this.layouts = network.subnets().stream().map(network::layout).toList();
        this.occupied = occupied;
        this.excludes = new Excludes(network.excludes());
        this.reserved = network.dividesNicNetworks() ? excludes.with(occupied.hostAddresses()) : excludes;
    }

    /// Plans the nodes in `hosts`.
    ///
    /// `previous` contains the indexes of all nodes, also of those not in `hosts`: these are neither moved nor
    /// returned. So the plan of the whole network and that of one joining node are the same computation.
    public static Plan plan(
            NetworkDefinition network, OccupiedAddresses occupied, Indexes previous, List<HostNics> hosts) {
        return new Planner(network, occupied, previous.limits()).run(previous, hosts);
    }

    /// Plans the nodes, and assigns no index whose block contains held addresses. The ledger is read only for the
    /// blocks that would be assigned; if addresses are held there, the plan is repeated without these indexes.
    public static Plan plan(
            NetworkDefinition network,
            OccupiedAddresses occupied,
            Indexes previous,
            List<HostNics> hosts,
            HeldAddresses heldAddresses) {
        AllocationLimits limits = previous.limits();
        while (true) {
            Plan plan = plan(network, occupied, previous.with(limits), hosts);
            var held = heldAddresses.in(newBlocks(previous, plan));
            if (held.isEmpty()) {
                return plan;
            }
            limits = limits.withHeld(held);
        }
    }

    private static List<Cidr> newBlocks(Indexes previous, Plan plan) {
        return plan.hosts().stream()
                .filter(slot -> !Objects.equals(previous.hosts().get(slot.key()), slot.hostIndex()))
                .flatMap(slot -> slot.blocks().stream().map(PlannedBlock::podBlock))
                .toList();
    }

    /// Plans a network with subnets of its own, where no addresses are occupied.
    public static Plan plan(NetworkDefinition network, Indexes previous, List<HostNics> hosts) {
        return plan(network, OccupiedAddresses.NOTHING, previous, hosts);
    }

    /// NIC networks that a plan of these hosts uses.
    public static Set<Cidr> nicNetworks(NetworkDefinition network, Indexes previous, List<HostNics> hosts) {
        Set<Cidr> networks = networksOf(hosts, network.masterNets());
        previous.hosts().keySet().forEach(key -> networks.add(key.masterNet()));
        return networks;
    }

    private Plan run(Indexes previous, List<HostNics> hosts) {
        placeInterfaces(previous, networksOf(hosts, List.of()));
        keepHosts(previous.hosts());
        var planned = new HashSet<String>();
        for (HostNics host : hosts) {
            planned.add(host.nodeUid());
            for (Nic nic : host.nics()) {
                for (Cidr masterNet : NicNetworks.of(nic, network.masterNets())) {
                    place(new HostKey(host.nodeUid(), nic.name(), masterNet), nic);
                }
            }
        }
        addAbsent(planned);
        var hostBlocks = new HashMap<Integer, Long>();
        interfaces
                .values()
                .forEach(in -> hostBlocks.put(in.slot().index(), in.hosts().size()));
        return new Plan(interfaces.values().stream().map(Interface::slot).toList(), slots, unplaced, hostBlocks);
    }

    private static Set<Cidr> networksOf(List<HostNics> hosts, List<Cidr> chosen) {
        var networks = new TreeSet<Cidr>();
        for (HostNics host : hosts) {
            for (Nic nic : host.nics()) {
                networks.addAll(NicNetworks.of(nic, chosen));
            }
        }
        return networks;
    }

    private void placeInterfaces(Indexes previous, Set<Cidr> nicNetworks) {
        List<Cidr> chosen = network.masterNets();
        var free = new IndexAllocator(interfaceCount(), unusableInterfaces(), IndexRanges.NONE, reservedInterfaces());
        var placed = new HashMap<Cidr, Integer>();
        var known = previous.interfaces().entrySet().stream()
                .filter(entry -> chosen.isEmpty() || chosen.contains(entry.getKey()))
                .sorted(Map.Entry.comparingByValue())
                .toList();
        for (Map.Entry<Cidr, Integer> entry : known) {
            if (mayHaveIndex(entry.getKey(), placed.keySet()) && free.keep(entry.getValue())) {
                placed.put(entry.getKey(), entry.getValue());
            }
        }
        for (Cidr masterNet : chosen.isEmpty() ? nicNetworks : chosen) {
            if (placed.containsKey(masterNet) || !mayHaveIndex(masterNet, placed.keySet())) {
                continue;
            }
            String suspensionReason = limits.suspensionReason();
            if (suspensionReason != null) {
                withoutIndex.put(masterNet, suspensionReason);
            } else {
                free.takeLowest()
                        .ifPresentOrElse(
                                index -> placed.put(masterNet, index),
                                () -> withoutIndex.put(masterNet, noInterfaceIndexIsLeft(masterNet)));
            }
        }
        placed.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(entry -> interfaces.put(
                        entry.getKey(),
                        openInterface(
                                entry.getValue(),
                                entry.getKey(),
                                previous.taken().getOrDefault(entry.getKey(), IndexRanges.NONE))));
    }

    private int interfaceCount() {
        return network.dividesNicNetworks()
                ? Integer.MAX_VALUE
                : layouts.getFirst().interfaceCount();
    }

    private String noInterfaceIndexIsLeft(Cidr masterNet) {
        return "no interface index is left for " + masterNet + ": interfaceBlock " + network.interfaceBlock() + " has "
                + interfaceCount() + ", less the excluded ones; name fewer masterNets or make a network with a larger"
                + " interfaceBlock";
    }

    /// In host-subnet mode the NIC network must be divisible and not used by another network.
    private boolean mayHaveIndex(Cidr masterNet, Set<Cidr> placed) {
        if (!network.dividesNicNetworks()) {
            return true;
        }
        String obstacle = network.whyNotDivisible(masterNet);
        if (obstacle == null) {
            obstacle = overlap(masterNet, placed);
        }
        if (obstacle != null) {
            withoutIndex.put(masterNet, obstacle);
        }
        return obstacle == null;
    }

    private @Nullable String overlap(Cidr masterNet, Set<Cidr> placed) {
        for (OccupiedAddresses.OtherSubnet other : occupied.otherSubnets()) {
            if (other.subnet().overlaps(masterNet)) {
                return "the NICs' network " + masterNet + " overlaps " + other.subnet() + " of network "
                        + other.network() + ", which hands out its addresses; give one of the two networks a subnet of"
                        + " its own";
            }
        }
        for (Cidr sibling : placed) {
            if (sibling.overlaps(masterNet)) {
                return "the NICs' network " + masterNet + " overlaps the NICs' network " + sibling
                        + ", which is divided already; correct the prefix length of the NIC's address, or name the"
                        + " networks to divide in masterNets";
            }
        }
        return null;
    }

    private IndexRanges unusableInterfaces() {
        IndexRanges unusable = IndexRanges.NONE;
        for (AddressLayout layout : layouts) {
            unusable = unusable.and(excludes.covered(layout.subnet(), network.interfaceBlock()));
        }
        return unusable;
    }

    private IndexRanges reservedInterfaces() {
        IndexRanges touched = IndexRanges.NONE;
        for (AddressLayout layout : layouts) {
            touched = touched.and(Excludes.touched(limits.reserved(), layout.subnet(), network.interfaceBlock()));
        }
        return touched;
    }

    private Interface openInterface(int index, Cidr masterNet, IndexRanges given) {
        var blocks = network.dividesNicNetworks()
                ? List.of(masterNet)
                : layouts.stream().map(layout -> layout.interfaceBlock(index)).toList();
        var division = blocks.stream()
                .map(block -> new AddressLayout(block, 0, network.hostBlock()))
                .toList();
        IndexRanges unusable = IndexRanges.NONE;
        IndexRanges full = IndexRanges.NONE;
        IndexRanges notEmpty = IndexRanges.NONE;
        for (Cidr block : blocks) {
            notEmpty = notEmpty.and(Excludes.touched(limits.held(), block, network.hostBlock()));
            unusable = unusable.and(excludes.covered(block, network.hostBlock()));
            full = full.and(Excludes.touched(limits.reserved(), block, network.hostBlock()))
                    .and(reservedOrSpecial(block).covered(block, network.hostBlock()));
        }
        return new Interface(
                new InterfaceSlot(index, masterNet, blocks),
                division,
                new IndexAllocator(division.getFirst().hostCount(), unusable, full, given.and(notEmpty)));
    }

    private Excludes reservedOrSpecial(Cidr interfaceBlock) {
        return new Excludes(reserved.within(interfaceBlock))
                .with(interfaceBlock.specialAddresses().stream()
                        .map(address -> new Cidr(address, address.family().bits()))
                        .toList());
    }

    private void keepHosts(Map<HostKey, Integer> previous) {
        previous.forEach((key, index) -> {
            Interface in = interfaces.get(key.masterNet());
            if (in != null && in.hosts().keep(index)) {
                hostIndexes.put(key, index);
            }
        });
    }

    private void place(HostKey key, Nic nic) {
        Interface in = interfaces.get(key.masterNet());
        if (in == null) {
            String reason = withoutIndex.get(key.masterNet());
            if (reason != null) {
                report(key, reason);
            }
            return;
        }
        Integer index = hostIndexes.get(key);
        String suspensionReason = limits.suspensionReason();
        if (index == null && suspensionReason != null) {
            report(key, suspensionReason);
            return;
        }
        if (index == null) {
            OptionalInt lowest = in.hosts().takeLowest();
            if (lowest.isEmpty()) {
                report(key, noHostIndexIsLeft(in));
                return;
            }
            index = lowest.getAsInt();
            hostIndexes.put(key, index);
        }
        var slot = slot(key, in, index, nic);
        slots.add(slot);
        reportUnreachable(slot);
        reportFull(slot);
    }

    private String noHostIndexIsLeft(Interface in) {
        return "no host index is left in " + in.slot().blocks() + ": hostBlock " + network.hostBlock() + " has "
                + in.division().getFirst().hostCount() + ", less those without an address for pods"
                + (limits.held().isEmpty() ? "" : " and those in which pods still hold addresses")
                + (network.dividesNicNetworks() ? " and those full of hosts' own addresses" : "")
                + "; retire nodes that are gone or make a network with a larger hostBlock";
    }

    private void reportUnreachable(HostSlot slot) {
        for (PlannedBlock block : slot.blocks()) {
            IpFamily family = block.podBlock().family();
            if (slot.via(family) == null) {
                report(
                        slot.key(),
                        "peers have no route to " + block.podBlock() + ": the NIC has no "
                                + (family == IpFamily.IPV4 ? "IPv4" : "IPv6") + " address; give it one");
            }
        }
    }

    private void reportFull(HostSlot slot) {
        for (PlannedBlock block : slot.blocks()) {
            if (block.capacity().equals(AddressCount.ZERO)) {
                report(
                        slot.key(),
                        "no address of " + block.podBlock() + " is left for pods: "
                                + (network.dividesNicNetworks()
                                        ? "hosts' own addresses and excludes fill the block; renumber hosts"
                                        : "excludes fill the block; exclude less")
                                + ", or retire the node and put it again");
            }
        }
    }

    private void report(HostKey key, String reason) {
        unplaced.add(new Unplaced(key.nodeUid(), key.nic(), reason));
    }

    /// Adds the kept indexes of planned nodes whose NIC is absent.
    private void addAbsent(Set<String> planned) {
        var placed = new HashSet<HostKey>();
        slots.forEach(slot -> placed.add(slot.key()));
        hostIndexes.entrySet().stream()
                .filter(entry -> planned.contains(entry.getKey().nodeUid()) && !placed.contains(entry.getKey()))
                .sorted(Comparator.comparing((Map.Entry<HostKey, Integer> entry) ->
                                entry.getKey().masterNet())
                        .thenComparing(Map.Entry::getValue))
                .forEach(entry -> {
                    Interface in = interfaces.get(entry.getKey().masterNet());
                    if (in != null) {
                        slots.add(slot(entry.getKey(), in, entry.getValue(), null));
                    }
                });
    }

    private HostSlot slot(HostKey key, Interface in, int index, @Nullable Nic nic) {
        var blocks = in.division().stream()
                .map(division -> {
                    Cidr podBlock = division.podBlock(0, index);
                    return new PlannedBlock(division.subnet(), podBlock, reserved.within(podBlock));
                })
                .toList();
        return new HostSlot(
                key,
                in.slot().index(),
                index,
                nic != null,
                via(nic, key, IpFamily.IPV4),
                via(nic, key, IpFamily.IPV6),
                blocks);
    }

    /// In host-subnet mode a NIC network has blocks of its own family only.
    private @Nullable IpAddress via(@Nullable Nic nic, HostKey key, IpFamily family) {
        boolean hasBlocks = !network.dividesNicNetworks() || key.masterNet().family() == family;
        return nic == null || !hasBlocks ? null : NicNetworks.via(nic, key.masterNet(), family);
    }
}
