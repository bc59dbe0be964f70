package io.multinic.lab.e2e;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What must hold whenever the cluster is quiet: no address twice, none leaked, none missing, each from the block of
/// its node and NIC, and a ledger that tells all of it. Pure.
final class Invariants {
    /// Sightings carry the clock of the one who looked, a moment after the fact.
    private static final Duration CLOCK = Duration.ofSeconds(2);

    private final Observation seen;
    private final List<String> violations = new ArrayList<>();

    private Invariants(Observation seen) {
        this.seen = seen;
    }

    /// Each violation in words; empty where all holds.
    static List<String> violations(Observation seen) {
        var invariants = new Invariants(seen);
        invariants.noAddressTwice();
        invariants.annotationsTellTheKernel();
        invariants.openIntervalsAreTheKernel();
        invariants.addressesLieInTheirBlocks();
        invariants.intervalsAreWhole();
        invariants.nothingWasHeldTwiceEver();
        invariants.everythingSeenIsInTheLedger();
        return List.copyOf(invariants.violations);
    }

    private void noAddressTwice() {
        var holders = new HashMap<IpAddress, LivePod>();
        for (LivePod pod : seen.pods()) {
            for (PodNic nic : pod.nics()) {
                LivePod other = holders.put(nic.address(), pod);
                if (other != null) {
                    violations.add(nic.address() + " is in " + other + " and in " + pod);
                }
            }
        }
    }

    private void annotationsTellTheKernel() {
        for (LivePod pod : seen.pods()) {
            if (pod.name().isEmpty() && !pod.nics().isEmpty()) {
                violations.add(pod + " has interfaces of ours: " + pod.nics());
            }
            List<PodNic> told = seen.told().getOrDefault(pod.uid(), List.of());
            if (!pod.name().isEmpty() && !sorted(told).equals(sorted(pod.nics()))) {
                violations.add("network-status of " + pod + " tells " + told + ", the kernel has " + pod.nics());
            }
        }
        var live = seen.pods().stream().map(LivePod::uid).collect(Collectors.toSet());
        seen.told().forEach((uid, nics) -> {
            if (!live.contains(uid)) {
                violations.add("pod " + uid + " is said to have " + nics + " and has no process on any node");
            }
        });
    }

    private void openIntervalsAreTheKernel() {
        var held = new TreeSet<String>();
        for (LivePod pod : seen.pods()) {
            pod.nics().forEach(nic -> held.add(holding(nic.address(), nic.name(), pod.name(), pod.node())));
        }
        var open = new TreeSet<String>();
        for (AllocationInterval interval : seen.ledger()) {
            if (interval.to() == null) {
                Allocation one = interval.allocation();
                open.add(holding(one.address(), one.podInterface(), one.pod().toString(), interval.node()));
            }
        }
        held.stream()
                .filter(one -> !open.contains(one))
                .forEach(one -> violations.add("not in the ledger as held: " + one));
        open.stream()
                .filter(one -> !held.contains(one))
                .forEach(one -> violations.add("leaked: the ledger says that it is held, and it is not there: " + one));
    }

    private static String holding(IpAddress address, String podInterface, String pod, String node) {
        return address + " as " + podInterface + " of " + pod + " on " + node;
    }

    private void addressesLieInTheirBlocks() {
        for (AllocationInterval interval : seen.ledger()) {
            if (interval.to() == null && !inBlockOfItsNic(interval)) {
                violations.add(describe(interval) + " is in no block of " + interval.node() + " on "
                        + interval.allocation().nic());
            }
        }
    }

    private boolean inBlockOfItsNic(AllocationInterval interval) {
        Allocation one = interval.allocation();
        return seen.blocks().stream()
                .filter(block -> block.node().equals(interval.node()))
                .map(NodeBlock::block)
                .filter(block -> block.nic().equals(one.nic()))
                .anyMatch(block -> block.podBlock().contains(one.address())
                        && block.excluded().stream().noneMatch(excluded -> excluded.contains(one.address())));
    }

    private void intervalsAreWhole() {
        for (AllocationInterval interval : seen.ledger()) {
            PodRef pod = interval.allocation().pod();
            if (interval.node().isEmpty()
                    || pod.namespace().isEmpty()
                    || pod.name().isEmpty()
                    || pod.uid().isEmpty()) {
                violations.add(describe(interval) + " lacks its pod, the pod's UID or its node");
            }
            Instant to = interval.to();
            if (to != null && to.isBefore(interval.from())) {
                violations.add(describe(interval) + " ends before it begins");
            }
        }
    }

    private void nothingWasHeldTwiceEver() {
        Map<IpAddress, List<AllocationInterval>> byAddress = seen.ledger().stream()
                .collect(Collectors.groupingBy(interval -> interval.allocation().address()));
        byAddress.values().forEach(history -> {
            List<AllocationInterval> inOrder = history.stream()
                    .sorted(Comparator.comparing(AllocationInterval::from))
                    .toList();
            for (int i = 1; i < inOrder.size(); i++) {
                Instant end = inOrder.get(i - 1).to();
                if (end == null || end.isAfter(inOrder.get(i).from())) {
                    violations.add("held twice: " + describe(inOrder.get(i - 1)) + " and " + describe(inOrder.get(i)));
                }
            }
        });
    }

    private void everythingSeenIsInTheLedger() {
        Map<String, List<AllocationInterval>> byPod = seen.ledger().stream()
                .collect(Collectors.groupingBy(
                        interval -> interval.allocation().pod().uid()));
        for (Sighting sighting : seen.sightings()) {
            if (byPod.getOrDefault(sighting.podUid(), List.of()).stream()
                    .noneMatch(interval -> covers(interval, sighting))) {
                violations.add("the ledger does not tell of " + sighting);
            }
        }
    }

    private static boolean covers(AllocationInterval interval, Sighting sighting) {
        Instant to = interval.to();
        return interval.allocation().address().equals(sighting.nic().address())
                && interval.allocation().podInterface().equals(sighting.nic().name())
                && interval.allocation().pod().toString().equals(sighting.pod())
                && interval.node().equals(sighting.node())
                && !interval.from().isAfter(sighting.first().plus(CLOCK))
                && (to == null || !to.isBefore(sighting.last().minus(CLOCK)));
    }

    private static String describe(AllocationInterval interval) {
        Allocation one = interval.allocation();
        return holding(one.address(), one.podInterface(), one.pod().toString(), interval.node()) + " from "
                + interval.from() + " to " + Objects.requireNonNullElse(interval.to(), "now");
    }

    private static List<PodNic> sorted(List<PodNic> nics) {
        return nics.stream().sorted().toList();
    }
}
