package io.multinic.agent.attach.plan;

import io.multinic.agent.address.InterfaceDemand;
import io.multinic.agent.attach.plan.AttachRequest.AddressSource;
import io.multinic.agent.attach.plan.AttachmentPlan.PlannedInterface;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.route.plan.TableNumbers;
import io.multinic.agent.select.Candidate;
import io.multinic.agent.select.NicSelector;
import io.multinic.agent.select.Selection;
import io.multinic.agent.select.SelectionRequest;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// From a request, the node's plan and its NICs to what will be attached; pure.
///
/// Each failure is a [MultiNicException] that names the network and the remedy; nothing has changed then.
public final class AttachmentPlanner {
    private final AttachRequest request;
    private final Optional<NodePlan> nodePlan;
    private final List<HostNic> hostNics;

    private AttachmentPlanner(AttachRequest request, Optional<NodePlan> nodePlan, List<HostNic> hostNics) {
        this.request = request;
        this.nodePlan = nodePlan;
        this.hostNics = hostNics;
    }

    /// @param demands the addresses that the interfaces need; empty if another IPAM gives them
    public record Planned(AttachmentPlan plan, List<InterfaceDemand> demands) {}

    public static Planned plan(AttachRequest request, Optional<NodePlan> nodePlan, List<HostNic> hostNics) {
        var planner = new AttachmentPlanner(request, nodePlan, hostNics);
        return switch (request.addresses()) {
            case AddressSource.Blocks() -> planner.onBlocks();
            case AddressSource.Delegated delegated -> planner.onDelegatedAddresses();
        };
    }

    private Planned onBlocks() {
        NetworkPlan network = network();
        Map<String, List<NicBlock>> blocksOfNics = new LinkedHashMap<>();
        for (NicBlock block : network.blocks()) {
            blocksOfNics.computeIfAbsent(block.nic(), nic -> new ArrayList<>()).add(block);
        }
        var candidates = blocksOfNics.entrySet().stream()
                .map(entry -> new Candidate(
                        entry.getKey(), entry.getValue().getFirst().masterNet(), mayBeUp(entry.getKey())))
                .toList();
        var masterNets = request.nics().masterNets().isEmpty()
                ? network.network().masterNets()
                : request.nics().masterNets();
        List<PlannedInterface> interfaces = new ArrayList<>();
        List<InterfaceDemand> demands = new ArrayList<>();
        for (String nic : select(masterNets, candidates)) {
            var blocks = blocksOfNics.getOrDefault(nic, List.of());
            var planned = planned(
                    interfaces.size(),
                    nic,
                    blocks.getFirst().masterNet(),
                    blocks.stream().map(NicBlock::interfaceBlock).toList());
            interfaces.add(planned);
            demands.add(new InterfaceDemand(planned.name(), blocks));
        }
        requireKnownGateways(network);
        // Without rules for the network nobody would look into its table.
        int table = network.network().hostRoutes() ? TableNumbers.table(network) : Route.MAIN_TABLE;
        return new Planned(plan(interfaces, table), demands);
    }

    private NetworkPlan network() {
        var plan = nodePlan.orElseThrow(() -> new MultiNicException(
                ErrorCode.TRY_AGAIN_LATER,
                "network " + request.network()
                        + ": this node has no plan yet: ipam-service has not sent one; check that"
                        + " ipam-service and controller-service run and that this node has a HostInterface"));
        return plan.networks().stream()
                .filter(candidate -> candidate.network().name().equals(request.network()))
                .findFirst()
                .orElseThrow(() -> new MultiNicException(
                        ErrorCode.NETWORK_UNKNOWN,
                        "network " + request.network() + " is not in the plan of this node, which has "
                                + plan.networks().stream()
                                        .map(known -> known.network().name())
                                        .toList()
                                + "; check `kubectl get multinicnetwork " + request.network()
                                + "` and its status"));
    }

    /// Only what is known to be down, or known to be gone, gives way to others.
    private boolean mayBeUp(String nic) {
        return hostNics.isEmpty()
                || hostNics.stream()
                        .anyMatch(known -> known.interfaceName().equals(nic) && !Boolean.FALSE.equals(known.linkUp()));
    }

    private Planned onDelegatedAddresses() {
        var masterNets = request.nics().masterNets();
        List<Candidate> candidates = new ArrayList<>();
        Map<String, Cidr> networks = new LinkedHashMap<>();
        for (HostNic nic : hostNics) {
            String netAddress = nic.netAddress();
            if (netAddress == null) {
                continue;
            }
            Cidr network = Cidr.parseLenient(netAddress);
            if (masterNets.isEmpty() || masterNets.contains(network)) {
                candidates.add(new Candidate(nic.interfaceName(), network, !Boolean.FALSE.equals(nic.linkUp())));
                networks.put(nic.interfaceName(), network);
            }
        }
        List<PlannedInterface> interfaces = new ArrayList<>();
        for (String nic : select(masterNets, candidates)) {
            interfaces.add(
                    planned(interfaces.size(), nic, networks.getOrDefault(nic, Cidr.parse("0.0.0.0/0")), List.of()));
        }
        return new Planned(plan(interfaces, Route.MAIN_TABLE), List.of());
    }

    private List<String> select(List<Cidr> masterNets, List<Candidate> candidates) {
        var choice = request.nics();
        var selection = NicSelector.select(new SelectionRequest(
                request.network(), choice.strategy(), choice.nics(), choice.masters(), masterNets, candidates));
        return switch (selection) {
            case Selection.Selected selected -> selected.nics();
            case Selection.Refused refused -> throw new MultiNicException(refused.code(), refused.message());
        };
    }

    private PlannedInterface planned(int index, String nic, Cidr nicNet, List<Cidr> interfaceBlocks) {
        return new PlannedInterface(
                InterfaceNames.podInterface(request.key(), index),
                nic,
                InterfaceNames.hostEnd(request.key(), index),
                nicNet,
                interfaceBlocks);
    }

    private AttachmentPlan plan(List<PlannedInterface> interfaces, int table) {
        var wiring = DriverConfigParser.parse(request.plugin(), request.addresses(), table);
        return new AttachmentPlan(wiring, interfaces, request.routes(), request.dns());
    }

    /// A gateway on a NIC that this pod does not get is passed over; one that no NIC can reach is a mistake.
    private void requireKnownGateways(NetworkPlan network) {
        for (IpamRoute route : request.routes()) {
            var gateway = route.gw();
            boolean reachable = gateway == null
                    || network.blocks().stream()
                            .anyMatch(block -> block.interfaceBlock().contains(gateway)
                                    || block.masterNet().contains(gateway));
            if (!reachable) {
                throw new MultiNicException(
                        ErrorCode.INVALID_NETWORK_CONFIG,
                        "network " + request.network() + ": ipam route to " + route.dst() + ": gateway " + gateway
                                + " is on none of its NICs on this node");
            }
        }
    }
}
