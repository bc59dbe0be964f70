package io.multinic.agent.attach.plan;

import io.multinic.agent.address.InterfaceDemand;
import io.multinic.agent.attach.plan.AttachRequest.AddressSource;
import io.multinic.agent.attach.plan.AttachmentPlan.PlannedInterface;
import io.multinic.agent.attach.plan.PlannedNics.PlannedNic;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.route.plan.TableNumbers;
import io.multinic.agent.select.Candidate;
import io.multinic.agent.select.NicSelector;
import io.multinic.agent.select.NicUse;
import io.multinic.agent.select.Selection;
import io.multinic.agent.select.SelectionRequest;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Plans an attachment from the request, the node's plan and its NICs; pure.
///
/// Each failure is a [MultiNicException] that names the network and the remedy.
public final class AttachmentPlanner {
    private final AttachRequest request;
    private final PlanningFacts facts;

    private AttachmentPlanner(AttachRequest request, PlanningFacts facts) {
        this.request = request;
        this.facts = facts;
    }

    /// Result of planning.
    ///
    /// @param demands the addresses that the interfaces need; empty if another IPAM assigns them
    /// @param requested addresses that the pod requests from this node's blocks; empty if another IPAM assigns them
    public record Planned(AttachmentPlan plan, List<InterfaceDemand> demands, List<IpAddress> requested) {
        public Planned {
            demands = List.copyOf(demands);
            requested = List.copyOf(requested);
        }
    }

    public static Planned plan(AttachRequest request, PlanningFacts facts) {
        var planner = new AttachmentPlanner(request, facts);
        return switch (request.addresses()) {
            case AddressSource.Blocks() -> planner.withBlocks();
            case AddressSource.Delegated(JsonNode ipam) ->
                planner.withDelegatedAddresses(DelegatedIpam.parse(request.network(), ipam));
        };
    }

    private Planned withBlocks() {
        NetworkPlan network = network();
        Map<String, List<NicBlock>> blocksOfNics = new LinkedHashMap<>();
        for (NicBlock block : network.blocks()) {
            blocksOfNics.computeIfAbsent(block.nic(), nic -> new ArrayList<>()).add(block);
        }
        var candidates = facts.plannedNics().of(network, facts.nics()).stream()
                .map(this::candidate)
                .toList();
        var masterNets = request.nics().masterNets().isEmpty()
                ? network.network().masterNets()
                : request.nics().masterNets();
        List<PlannedInterface> interfaces = new ArrayList<>();
        List<InterfaceDemand> demands = new ArrayList<>();
        var selected = select(masterNets, candidates);
        for (int i = 0; i < selected.nics().size(); i++) {
            Selection.Nic nic = selected.nics().get(i);
            var blocks = blocksOfNics.getOrDefault(nic.name(), List.of());
            var planned = planned(
                    selected,
                    i,
                    blocks.getFirst().masterNet(),
                    blocks.stream().map(NicBlock::interfaceBlock).toList());
            interfaces.add(planned);
            demands.add(new InterfaceDemand(planned.name(), blocks));
        }
        requireKnownGateways(network);
        // Without host routes no rule leads to the table of the network.
        int table = network.network().hostRoutes() ? TableNumbers.table(network) : Route.MAIN_TABLE;
        return new Planned(plan(interfaces, request.routes(), table), demands, requestedAddresses());
    }

    private NetworkPlan network() {
        var plan = facts.plan()
                .orElseThrow(() -> new MultiNicException(
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

    private Candidate candidate(PlannedNic planned) {
        Optional<NodeNic> known = facts.nics().stream()
                .filter(nic -> nic.name().equals(planned.name()))
                .findFirst();
        return new Candidate(
                planned.name(),
                planned.masterNet(),
                known.map(NodeNic::linkUp).orElse(false),
                known.map(this::hardware).orElse(Candidate.Hardware.UNKNOWN),
                planned.obstacle());
    }

    private Candidate.Hardware hardware(NodeNic nic) {
        var device = nic.device();
        Integer speed = device.speedMbps();
        return new Candidate.Hardware(
                device.vendor(),
                device.product(),
                speed == null ? 0 : speed,
                facts.use().getOrDefault(nic.name(), NicUse.NONE));
    }

    private Planned withDelegatedAddresses(DelegatedIpam ipam) {
        var masterNets = request.nics().masterNets();
        List<Candidate> candidates = new ArrayList<>();
        Map<String, Cidr> networks = new LinkedHashMap<>();
        for (NodeNic nic : facts.nics()) {
            Cidr network = nic.network();
            if (network != null
                    && (masterNets.isEmpty() || masterNets.contains(network))
                    && ipam.configures(nic.name())) {
                candidates.add(new Candidate(
                        nic.name(),
                        network,
                        nic.linkUp(),
                        hardware(nic),
                        facts.plannedNics().obstacle().apply(nic.name()).orElse(null)));
                networks.put(nic.name(), network);
            }
        }
        List<PlannedInterface> interfaces = new ArrayList<>();
        var selected = select(masterNets, candidates);
        for (int i = 0; i < selected.nics().size(); i++) {
            Selection.Nic nic = selected.nics().get(i);
            var network = networks.getOrDefault(nic.name(), Cidr.parse("0.0.0.0/0"));
            interfaces.add(planned(selected, i, network, List.of()));
        }
        // The plugin applies the routes of its own `ipam` section itself.
        return new Planned(plan(interfaces, List.of(), Route.MAIN_TABLE), List.of(), List.of());
    }

    /// Without prefix lengths: that of the block applies.
    private List<IpAddress> requestedAddresses() {
        return request.runtime().addresses().stream()
                .map(text -> text.replaceFirst("/.*", ""))
                .map(IpAddress::parse)
                .distinct()
                .toList();
    }

    private Selection.Selected select(List<Cidr> masterNets, List<Candidate> candidates) {
        var choice = request.nics();
        var selection = NicSelector.select(new SelectionRequest(
                request.network(),
                choice.policy(),
                choice.nics(),
                choice.masters(),
                masterNets,
                candidates,
                facts.classes(),
                facts.topology()));
        return switch (selection) {
            case Selection.Selected selected -> selected;
            case Selection.Refused refused -> throw new MultiNicException(refused.code(), refused.message());
        };
    }

    private PlannedInterface planned(
            Selection.Selected selected, int position, Cidr nicNet, List<Cidr> interfaceBlocks) {
        Selection.Nic nic = selected.nics().get(position);
        int index = selected.indexes().get(position);
        return new PlannedInterface(
                InterfaceNames.podInterface(request.key(), index, selected.size()),
                nic.name(),
                InterfaceNames.hostEnd(request.key(), index),
                nicNet,
                interfaceBlocks,
                nic.reservedMbps() == 0 ? null : nic.reservedMbps());
    }

    private AttachmentPlan plan(List<PlannedInterface> interfaces, List<IpamRoute> routes, int table) {
        var names = interfaces.stream().map(PlannedInterface::name).toList();
        var driver = DriverConfigParser.parse(request, names, table);
        return new AttachmentPlan(driver, interfaces, routes, request.dns());
    }

    /// A gateway on a NIC that this pod does not get is ignored later; a gateway that no NIC can reach is an error.
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
