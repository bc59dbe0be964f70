package io.multinic.agent.select;

import io.multinic.agent.select.BandwidthSelector.Capacity;
import io.multinic.agent.select.Selection.Nic;
import io.multinic.agent.select.Selection.Refused;
import io.multinic.agent.select.Selection.Selected;
import io.multinic.contract.error.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Selects the NICs of a pod; pure.
///
/// The candidates are sorted, those that the policy does not permit are left out, and the requested number is taken.
/// NICs whose link is up are preferred. The pod's interfaces keep the sorted order. An unknown master, class or
/// strategy, or an impossible number, is refused.
///
/// A NIC that cannot be used now counts like any other, so that the interfaces of the others keep their indexes; it is
/// taken last. If it is needed, the selection is refused, or on request made without it. By bandwidth only NICs that
/// can be used are selected.
public final class NicSelector {
    private final SelectionRequest request;

    private NicSelector(SelectionRequest request) {
        this.request = request;
    }

    public static Selection select(SelectionRequest request) {
        try {
            return new NicSelector(request).select();
        } catch (Refusal refusal) {
            return refusal.refused;
        }
    }

    private Selection select() {
        var strategy = Strategy.parse(request.policy().strategy())
                .orElseThrow(() -> invalid("attachPolicy.strategy '"
                        + request.policy().strategy()
                        + "' is unknown; use one of "
                        + Arrays.stream(Strategy.values()).map(Strategy::text).collect(Collectors.joining(", "))));
        if (request.nics() < 0) {
            throw invalid("nics is " + request.nics() + "; use a positive number, or 0 for all");
        }
        var ordered = request.masters().isEmpty() ? byMasterNets() : byName();
        return switch (strategy) {
            case NONE -> cut(ordered);
            case DEV_CLASS -> cut(ofClass(ordered));
            case COST_OPT, PERF_OPT -> byBandwidth(strategy, ordered);
            case TOPOLOGY -> byTopology(ordered);
        };
    }

    private List<Candidate> byName() {
        Map<String, Candidate> known =
                request.candidates().stream().collect(Collectors.toMap(Candidate::nic, Function.identity()));
        Set<String> seen = new HashSet<>();
        List<Candidate> named = new ArrayList<>();
        for (String master : request.masters()) {
            var candidate = known.get(master);
            if (candidate == null) {
                throw refusal(
                        ErrorCode.MASTER_UNKNOWN,
                        "master '" + master + "' is not one of its NICs on this node, which are "
                                + names(request.candidates()));
            }
            if (!seen.add(master)) {
                throw invalid("masters names '" + master + "' twice");
            }
            named.add(candidate);
        }
        return named;
    }

    /// Sorts by the position of the NIC's network in `masterNets`; NICs of one network keep the order of the plan,
    /// and those of unlisted networks come last.
    private List<Candidate> byMasterNets() {
        var order = request.masterNets();
        return request.candidates().stream()
                .sorted(Comparator.comparingInt(candidate -> {
                    int place = order.indexOf(candidate.masterNet());
                    return place < 0 ? order.size() : place;
                }))
                .toList();
    }

    private List<Candidate> ofClass(List<Candidate> ordered) {
        var classes = request.classes();
        String name = request.policy().deviceClass();
        if (!classes.known()) {
            throw refusal(
                    ErrorCode.TRY_AGAIN_LATER,
                    "the agent of this node has not read the DeviceClasses from the API server yet");
        }
        if (name.isEmpty()) {
            throw invalid("attachPolicy.strategy is devClass, but the pod's cni-args have no `class`; use one of "
                    + classes.names());
        }
        DeviceIds ids = classes.byName().get(name);
        if (ids == null) {
            throw invalid("there is no DeviceClass '" + name + "'; use one of " + classes.names());
        }
        var permitted = ordered.stream()
                .filter(candidate -> ids.contain(
                        candidate.hardware().vendor(), candidate.hardware().product()))
                .toList();
        if (permitted.isEmpty()) {
            throw refusal(
                    ErrorCode.TOO_FEW_NICS,
                    "no NIC of this node is in DeviceClass '" + name + "'; the NICs are "
                            + described(ordered, Candidate.Hardware::ids));
        }
        return permitted;
    }

    private Selection cut(List<Candidate> ordered) {
        int wanted = wanted(ordered);
        Set<Candidate> taken = ordered.stream()
                .sorted(Comparator.comparing((Candidate candidate) -> !candidate.usable())
                        .thenComparing(candidate -> !candidate.linkUp()))
                .limit(wanted)
                .collect(Collectors.toSet());
        return place(ordered.stream().filter(taken::contains).toList());
    }

    /// Without a GPU, the selection is that of the strategy `none`.
    private Selection byTopology(List<Candidate> ordered) {
        return request.topology().gpus().isEmpty()
                ? cut(ordered)
                : place(TopologyOrder.select(ordered, request.topology(), wanted(ordered)));
    }

    private int wanted(List<Candidate> ordered) {
        int wanted = request.nics() == 0 ? ordered.size() : request.nics();
        if (ordered.isEmpty() || wanted > ordered.size()) {
            throw refusal(
                    ErrorCode.TOO_FEW_NICS,
                    (request.nics() == 0 ? "NICs" : request.nics() + " NICs") + " are asked for, this node has "
                            + ordered.size() + " to choose from: " + names(ordered));
        }
        return wanted;
    }

    /// Numbers the interfaces by the position of their NICs, those included that cannot be used.
    private Selection place(List<Candidate> chosen) {
        List<Nic> nics = new ArrayList<>();
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < chosen.size(); i++) {
            if (chosen.get(i).usable()) {
                nics.add(new Nic(chosen.get(i).nic(), 0));
                indexes.add(i);
            }
        }
        boolean complete = nics.size() == chosen.size();
        if (complete || (request.policy().allowPartial() && !nics.isEmpty())) {
            return new Selected(nics, indexes, chosen.size());
        }
        String remedy = nics.isEmpty()
                ? "; no other NIC is selected"
                : "; repair it, or let pods start without it by allowPartial in cni-args or in attachPolicy";
        throw refusal(
                ErrorCode.NIC_UNUSABLE,
                "NIC "
                        + chosen.stream()
                                .filter(candidate -> !candidate.usable())
                                .map(candidate ->
                                        candidate.nic() + " (" + candidate.masterNet() + ") " + candidate.obstacle())
                                .collect(Collectors.joining("; "))
                        + remedy);
    }

    private Selection byBandwidth(Strategy strategy, List<Candidate> ordered) {
        Bandwidth target = target(strategy);
        var usable = ordered.stream().filter(Candidate::usable).toList();
        var up = usable.stream().filter(Candidate::linkUp).toList();
        return byBandwidth(strategy, target, up)
                .or(() -> byBandwidth(strategy, target, usable))
                .orElseThrow(() -> refusal(
                        ErrorCode.TOO_FEW_NICS,
                        "no " + (request.nics() == 0 ? "set of NICs" : request.nics() + " NICs")
                                + " of this node reaches the target of " + target + "; the NICs are "
                                + described(ordered, Candidate.Hardware::bandwidth)));
    }

    private Optional<Selection> byBandwidth(Strategy strategy, Bandwidth target, List<Candidate> candidates) {
        var capacities = candidates.stream().map(NicSelector::capacity).toList();
        int most = request.nics() == 0 ? candidates.size() : request.nics();
        var selected = strategy == Strategy.COST_OPT
                ? BandwidthSelector.fewest(capacities, target, most)
                : BandwidthSelector.mostEqual(capacities, target, most);
        return selected.map(positions -> {
            var shares = BandwidthSelector.shares(
                    positions.stream().map(capacities::get).toList(), target);
            return new Selected(IntStream.range(0, positions.size())
                    .mapToObj(i -> new Nic(candidates.get(positions.get(i)).nic(), shares.get(i)))
                    .toList());
        });
    }

    private static Capacity capacity(Candidate candidate) {
        return new Capacity(
                candidate.hardware().speedMbps(), candidate.hardware().use().reservedMbps(), 0);
    }

    private Bandwidth target(Strategy strategy) {
        String text = request.policy().target();
        if (text.isBlank()) {
            throw invalid("attachPolicy.strategy is " + strategy.text() + ", but neither attachPolicy nor the pod's"
                    + " cni-args have a `target` such as 10Gbps");
        }
        return Bandwidth.parse(text)
                .filter(target -> target.mbps() > 0)
                .orElseThrow(() -> invalid("target '" + text + "' is no bandwidth; use a text such as 10Gbps"));
    }

    private static String names(List<Candidate> candidates) {
        return candidates.isEmpty()
                ? "none"
                : candidates.stream()
                        .map(candidate -> candidate.nic() + " (" + candidate.masterNet() + ")")
                        .collect(Collectors.joining(", "));
    }

    private static String described(List<Candidate> candidates, Function<Candidate.Hardware, String> property) {
        return candidates.isEmpty()
                ? "none"
                : candidates.stream()
                        .map(candidate ->
                                candidate.nic() + " (" + property.apply(candidate.hardware()) + state(candidate))
                        .collect(Collectors.joining(", "));
    }

    private static String state(Candidate candidate) {
        if (candidate.usable()) {
            return candidate.linkUp() ? ")" : ", link down)";
        }
        return "), which " + candidate.obstacle();
    }

    private Refusal invalid(String reason) {
        return refusal(ErrorCode.INVALID_NETWORK_CONFIG, reason);
    }

    private Refusal refusal(ErrorCode code, String reason) {
        return new Refusal(new Refused(code, "network " + request.network() + ": " + reason));
    }

    /// Ends the selection with a refusal.
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Refused refused;

        Refusal(Refused refused) {
            super(refused.message(), null, false, false);
            this.refused = refused;
        }
    }
}
