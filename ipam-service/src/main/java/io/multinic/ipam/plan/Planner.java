package io.multinic.ipam.plan;

import io.multinic.contract.address.AddressLayout;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Decides which node owns which block of a network.
///
/// Goals, the more important first:
/// 1. No two NICs ever share an address: an index is given out once.
/// 2. Stable: an index given out stays, whatever happens to other nodes, and also when its NIC or node is away.
/// 3. Dense: the lowest free index, so that the same cluster planned from nothing gets the same plan.
/// 4. What does not fit is reported with the reason and the remedy, and hinders nothing that fits.
///
/// Constraints:
/// - Interface indexes go to the NICs' networks: to `masterNets` in their order, whether a NIC is there yet or not;
///   without `masterNets` to the networks of all NICs, sorted. Later ones get the lowest free index.
/// - Host indexes go to (node, NIC, network), separately within each interface index.
/// - An index is unusable if the excludes cover its whole block in any subnet. A smaller exclude stays inside the block
///   and removes addresses from it.
/// - IPv4 and IPv6 subnets share the indexes.
///
/// Formula, for a subnet of prefix length p in an address of w bits, interface index i, host index h:
/// `interface block = subnet + (i << w - p - interfaceBlock)`, length p + interfaceBlock;
/// `pod block = interface block + (h << w - p - interfaceBlock - hostBlock)`, length p + interfaceBlock + hostBlock.
///
/// Example: 192.168.0.0/16, interfaceBlock 2, hostBlock 8, masterNets 10.0.1.0/24 and 10.0.2.0/24, excludes
/// 192.168.0.64/26 and 192.168.0.128/30; nodes a, b, c, each with eth1 in the first and eth2 in the second network.
/// Interface 0 is 192.168.0.0/18, interface 1 is 192.168.64.0/18. The block of (0, 1) would be 192.168.0.64/26, which
/// is
/// excluded as a whole: on eth1 a, b, c get 0, 2, 3, on eth2 0, 1, 2. The block of b on eth1, 192.168.0.128/26, does
/// not
/// hand out 192.168.0.128/30.
///
/// All cost is linear in the indexes given out and the NICs planned, but for the sorting of networks and excludes.
public final class Planner {
    private final NetworkDefinition network;
    private final List<AddressLayout> layouts;
    private final Excludes excludes;
    private final Map<Cidr, Interface> interfaces = new LinkedHashMap<>();
    private final Map<HostKey, Integer> hostIndexes = new HashMap<>();
    private final List<HostSlot> slots = new ArrayList<>();
    private final List<Unplaced> unplaced = new ArrayList<>();

    /// One interface index while hosts are placed in it.
    private record Interface(InterfaceSlot slot, FreeIndexes hosts) {}

    private Planner(NetworkDefinition network) {
        this.network = network;
        this.layouts = network.subnets().stream().map(network::layout).toList();
        this.excludes = new Excludes(network.excludes());
    }

    /// The plan for the nodes in `hosts`.
    ///
    /// `previous` holds the indexes of all nodes, also of those not in `hosts`: these are neither moved nor
    /// returned. So the plan of the whole network and that of one node that joins are the same computation.
    ///
    /// @throws MultiNicException INVALID_NETWORK if the network has no subnet
    public static Plan plan(NetworkDefinition network, Indexes previous, List<HostNics> hosts) {
        if (network.subnets().isEmpty()) {
            throw new MultiNicException(
                    ErrorCode.INVALID_NETWORK,
                    "network " + network.name() + ": host-subnet mode is not supported yet; give a subnet");
        }
        return new Planner(network).run(previous, hosts);
    }

    private Plan run(Indexes previous, List<HostNics> hosts) {
        Set<Cidr> withoutIndex = placeInterfaces(previous, networksOf(hosts));
        keepHosts(previous.hosts());
        var planned = new HashSet<String>();
        for (HostNics host : hosts) {
            planned.add(host.nodeUid());
            for (Nic nic : host.nics()) {
                for (Cidr masterNet : NicNetworks.of(nic, network.masterNets())) {
                    place(new HostKey(host.nodeUid(), nic.name(), masterNet), nic, withoutIndex);
                }
            }
        }
        addAbsent(planned);
        return new Plan(interfaces.values().stream().map(Interface::slot).toList(), slots, unplaced);
    }

    private Set<Cidr> networksOf(List<HostNics> hosts) {
        var networks = new TreeSet<Cidr>();
        for (HostNics host : hosts) {
            for (Nic nic : host.nics()) {
                networks.addAll(NicNetworks.of(nic, List.of()));
            }
        }
        return networks;
    }

    /// @return the networks for which no index is left
    private Set<Cidr> placeInterfaces(Indexes previous, Set<Cidr> nicNetworks) {
        List<Cidr> chosen = network.masterNets();
        var free = new FreeIndexes(layouts.getFirst().interfaceCount(), unusableInterfaces());
        var kept = new HashMap<Cidr, Integer>();
        previous.interfaces().entrySet().stream()
                .filter(entry -> chosen.isEmpty() || chosen.contains(entry.getKey()))
                .sorted(Map.Entry.comparingByValue())
                .filter(entry -> free.keep(entry.getValue()))
                .forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
        var withoutIndex = new HashSet<Cidr>();
        var wanted = new ArrayList<>(chosen.isEmpty() ? nicNetworks : chosen);
        for (Cidr masterNet : wanted) {
            if (!kept.containsKey(masterNet)) {
                OptionalInt index = free.takeLowest();
                index.ifPresentOrElse(i -> kept.put(masterNet, i), () -> withoutIndex.add(masterNet));
            }
        }
        kept.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(entry -> interfaces.put(
                        entry.getKey(),
                        openInterface(
                                entry.getValue(),
                                entry.getKey(),
                                previous.others().getOrDefault(entry.getKey(), IndexRanges.NONE))));
        return withoutIndex;
    }

    private IndexRanges unusableInterfaces() {
        IndexRanges unusable = IndexRanges.NONE;
        for (AddressLayout layout : layouts) {
            unusable = unusable.and(excludes.covered(layout.subnet(), network.interfaceBlock()));
        }
        return unusable;
    }

    private Interface openInterface(int index, Cidr masterNet, IndexRanges others) {
        var blocks =
                layouts.stream().map(layout -> layout.interfaceBlock(index)).toList();
        IndexRanges unusable = others;
        for (Cidr block : blocks) {
            unusable = unusable.and(excludes.covered(block, network.hostBlock()));
        }
        return new Interface(
                new InterfaceSlot(index, masterNet, blocks),
                new FreeIndexes(layouts.getFirst().hostCount(), unusable));
    }

    private void keepHosts(Map<HostKey, Integer> previous) {
        previous.forEach((key, index) -> {
            Interface in = interfaces.get(key.masterNet());
            if (in != null && in.hosts().keep(index)) {
                hostIndexes.put(key, index);
            }
        });
    }

    private void place(HostKey key, Nic nic, Set<Cidr> withoutIndex) {
        Interface in = interfaces.get(key.masterNet());
        if (in == null) {
            if (withoutIndex.contains(key.masterNet())) {
                report(
                        key,
                        "no interface index is left for " + key.masterNet() + ": interfaceBlock "
                                + network.interfaceBlock() + " has "
                                + layouts.getFirst().interfaceCount()
                                + ", less the excluded ones; name fewer masterNets or make a network with a larger"
                                + " interfaceBlock");
            }
            return;
        }
        Integer index = hostIndexes.get(key);
        if (index == null) {
            OptionalInt lowest = in.hosts().takeLowest();
            if (lowest.isEmpty()) {
                report(
                        key,
                        "no host index is left in " + in.slot().blocks() + ": hostBlock " + network.hostBlock()
                                + " has " + layouts.getFirst().hostCount()
                                + ", less the excluded ones; retire nodes that are gone or make a network with a larger"
                                + " hostBlock");
                return;
            }
            index = lowest.getAsInt();
            hostIndexes.put(key, index);
        }
        var slot = slot(key, in, index, nic);
        slots.add(slot);
        reportUnreachable(slot);
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

    private void report(HostKey key, String reason) {
        unplaced.add(new Unplaced(key.nodeUid(), key.nic(), reason));
    }

    /// The kept indexes of planned nodes whose NIC is not there now.
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
        var blocks = new ArrayList<PlannedBlock>(layouts.size());
        for (AddressLayout layout : layouts) {
            Cidr podBlock = layout.podBlock(in.slot().index(), index);
            blocks.add(new PlannedBlock(layout.interfaceBlock(in.slot().index()), podBlock, excludes.within(podBlock)));
        }
        return new HostSlot(
                key,
                in.slot().index(),
                index,
                nic != null,
                via(nic, key, IpFamily.IPV4),
                via(nic, key, IpFamily.IPV6),
                blocks);
    }

    private static @Nullable IpAddress via(@Nullable Nic nic, HostKey key, IpFamily family) {
        return nic == null ? null : NicNetworks.via(nic, key.masterNet(), family);
    }
}
