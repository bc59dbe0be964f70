package io.multinic.agent.select;

import io.multinic.agent.select.Selection.Refused;
import io.multinic.agent.select.Selection.Selected;
import io.multinic.contract.error.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Selects the NICs of a pod; pure.
///
/// A strategy sorts the candidates; the requested number is taken from the front, preferring NICs whose link is up. The
/// pod's interfaces keep the order of the strategy. An unknown master or strategy, or an impossible number, is refused.
public final class NicSelector {
    private NicSelector() {}

    public static Selection select(SelectionRequest request) {
        var strategy = Strategy.parse(request.strategy());
        if (strategy.isEmpty()) {
            return invalid(
                    request,
                    "attachPolicy.strategy '" + request.strategy() + "' is unknown; use one of "
                            + Arrays.stream(Strategy.values())
                                    .map(Strategy::text)
                                    .collect(Collectors.joining(", ")));
        }
        if (request.nics() < 0) {
            return invalid(request, "nics is " + request.nics() + "; use a positive number, or 0 for all");
        }
        return switch (strategy.get()) {
            case NONE -> request.masters().isEmpty() ? byMasterNets(request) : byName(request);
            case COST_OPT, PERF_OPT, DEV_CLASS, TOPOLOGY ->
                invalid(request, "attachPolicy.strategy '" + request.strategy() + "' is not supported yet; use none");
        };
    }

    private static Refused invalid(SelectionRequest request, String reason) {
        return new Refused(ErrorCode.INVALID_NETWORK_CONFIG, "network " + request.network() + ": " + reason);
    }

    private static Selection byName(SelectionRequest request) {
        Map<String, Candidate> known =
                request.candidates().stream().collect(Collectors.toMap(Candidate::nic, Function.identity()));
        Set<String> seen = new HashSet<>();
        List<Candidate> named = new ArrayList<>();
        for (String master : request.masters()) {
            var candidate = known.get(master);
            if (candidate == null) {
                return new Refused(
                        ErrorCode.MASTER_UNKNOWN,
                        "network " + request.network() + ": master '" + master
                                + "' is not one of its NICs on this node, which are " + names(request.candidates()));
            }
            if (!seen.add(master)) {
                return invalid(request, "masters names '" + master + "' twice");
            }
            named.add(candidate);
        }
        return cut(named, request);
    }

    /// Sorts by the position of the NIC's network in `masterNets`; NICs of one network keep the order of the plan,
    /// and those of unlisted networks come last.
    private static Selection byMasterNets(SelectionRequest request) {
        var order = request.masterNets();
        return cut(
                request.candidates().stream()
                        .sorted(Comparator.comparingInt(candidate -> {
                            int place = order.indexOf(candidate.masterNet());
                            return place < 0 ? order.size() : place;
                        }))
                        .toList(),
                request);
    }

    private static Selection cut(List<Candidate> ordered, SelectionRequest request) {
        int wanted = request.nics() == 0 ? ordered.size() : request.nics();
        if (ordered.isEmpty() || wanted > ordered.size()) {
            return new Refused(
                    ErrorCode.TOO_FEW_NICS,
                    "network " + request.network() + ": " + (request.nics() == 0 ? "NICs" : request.nics() + " NICs")
                            + " are asked for, this node has " + ordered.size() + " to choose from: " + names(ordered));
        }
        Set<Candidate> chosen = ordered.stream()
                .sorted(Comparator.comparing(candidate -> !candidate.linkUp()))
                .limit(wanted)
                .collect(Collectors.toSet());
        return new Selected(
                ordered.stream().filter(chosen::contains).map(Candidate::nic).toList());
    }

    private static String names(List<Candidate> candidates) {
        return candidates.isEmpty()
                ? "none"
                : candidates.stream()
                        .map(candidate -> candidate.nic() + " (" + candidate.masterNet() + ")")
                        .collect(Collectors.joining(", "));
    }
}
