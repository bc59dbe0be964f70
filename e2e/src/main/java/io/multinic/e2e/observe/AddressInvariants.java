package io.multinic.e2e.observe;

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

/// Invariants of a network while no pod starts or ends: every address is in one pod at most, lies in the block of its
/// node and NIC, and is in the ledger; the ledger has no open interval without a pod. Pure.
final class AddressInvariants {
    /// Tolerance between the time of a sighting and the time of the event that it shows.
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    private final Observation observed;
    private final List<String> violations = new ArrayList<>();

    private AddressInvariants(Observation observed) {
        this.observed = observed;
    }

    /// A description of each violation; empty if all invariants hold.
    static List<String> violations(Observation observed) {
        var invariants = new AddressInvariants(observed);
        invariants.checkAddressesUniqueInPods();
        invariants.checkAnnotationsMatchKernel();
        invariants.checkOpenIntervalsMatchKernel();
        invariants.checkAddressesInTheirBlocks();
        invariants.checkIntervalsComplete();
        invariants.checkIntervalsDisjoint();
        invariants.checkSightingsInLedger();
        return List.copyOf(invariants.violations);
    }

    private void checkAddressesUniqueInPods() {
        var holders = new HashMap<IpAddress, RunningPod>();
        for (RunningPod pod : observed.pods()) {
            for (PodNic nic : pod.nics()) {
                RunningPod other = holders.put(nic.address(), pod);
                if (other != null) {
                    violations.add(nic.address() + " is in " + other + " and in " + pod);
                }
            }
        }
    }

    private void checkAnnotationsMatchKernel() {
        for (RunningPod pod : observed.pods()) {
            if (pod.name().isEmpty() && !pod.nics().isEmpty()) {
                violations.add(pod + " has interfaces of the platform: " + pod.nics());
            }
            List<PodNic> annotated = observed.annotated().getOrDefault(pod.uid(), List.of());
            if (!pod.name().isEmpty() && !sorted(annotated).equals(sorted(pod.nics()))) {
                violations.add("network-status of " + pod + " has " + annotated + ", the kernel has " + pod.nics());
            }
        }
        var running = observed.pods().stream().map(RunningPod::uid).collect(Collectors.toSet());
        observed.annotated().forEach((uid, nics) -> {
            if (!running.contains(uid)) {
                violations.add("network-status of pod " + uid + " has " + nics + ", but no node runs a process of it");
            }
        });
    }

    private void checkOpenIntervalsMatchKernel() {
        var held = new TreeSet<String>();
        for (RunningPod pod : observed.pods()) {
            pod.nics().forEach(nic -> held.add(holding(nic.address(), nic.name(), pod.name(), pod.node())));
        }
        var open = new TreeSet<String>();
        for (AllocationInterval interval : observed.ledger()) {
            if (interval.to() == null) {
                Allocation one = interval.allocation();
                open.add(holding(one.address(), one.podInterface(), one.pod().toString(), interval.node()));
            }
        }
        held.stream()
                .filter(one -> !open.contains(one))
                .forEach(one -> violations.add("missing: no open interval in the ledger for " + one));
        open.stream()
                .filter(one -> !held.contains(one))
                .forEach(one -> violations.add("leaked: open interval in the ledger, but not in any pod: " + one));
    }

    private static String holding(IpAddress address, String podInterface, String pod, String node) {
        return address + " as " + podInterface + " of " + pod + " on " + node;
    }

    private void checkAddressesInTheirBlocks() {
        for (AllocationInterval interval : observed.ledger()) {
            if (interval.to() == null && !inBlockOfItsNic(interval)) {
                violations.add(describe(interval) + " is in no block of " + interval.node() + " on "
                        + interval.allocation().nic());
            }
        }
    }

    private boolean inBlockOfItsNic(AllocationInterval interval) {
        Allocation one = interval.allocation();
        return observed.blocks().stream()
                .filter(block -> block.node().equals(interval.node()))
                .map(NodeBlock::block)
                .filter(block -> block.nic().equals(one.nic()))
                .anyMatch(block -> block.podBlock().contains(one.address())
                        && block.excluded().stream().noneMatch(excluded -> excluded.contains(one.address())));
    }

    private void checkIntervalsComplete() {
        for (AllocationInterval interval : observed.ledger()) {
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

    private void checkIntervalsDisjoint() {
        Map<IpAddress, List<AllocationInterval>> byAddress = observed.ledger().stream()
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

    private void checkSightingsInLedger() {
        Map<String, List<AllocationInterval>> byPod = observed.ledger().stream()
                .collect(Collectors.groupingBy(
                        interval -> interval.allocation().pod().uid()));
        for (Sighting sighting : observed.sightings()) {
            if (!covers(byPod.getOrDefault(sighting.podUid(), List.of()), sighting)) {
                violations.add("the ledger does not cover " + sighting);
            }
        }
    }

    /// True if one interval covers the sighting, or two of different sandboxes cover its first and its last moment: a
    /// new sandbox of a pod gets the addresses of the former one.
    private static boolean covers(List<AllocationInterval> ofPod, Sighting sighting) {
        var intervals =
                ofPod.stream().filter(interval -> concerns(interval, sighting)).toList();
        var atFirst = intervals.stream()
                .filter(interval -> covers(interval, sighting.first()))
                .toList();
        return intervals.stream()
                .filter(interval -> covers(interval, sighting.last()))
                .anyMatch(last -> atFirst.stream().anyMatch(first -> first.equals(last) || !sameSandbox(first, last)));
    }

    private static boolean concerns(AllocationInterval interval, Sighting sighting) {
        return interval.allocation().address().equals(sighting.nic().address())
                && interval.allocation().podInterface().equals(sighting.nic().name())
                && interval.allocation().pod().toString().equals(sighting.pod())
                && interval.node().equals(sighting.node());
    }

    private static boolean covers(AllocationInterval interval, Instant moment) {
        Instant to = interval.to();
        return !interval.from().isAfter(moment.plus(TOLERANCE))
                && (to == null || !to.isBefore(moment.minus(TOLERANCE)));
    }

    private static boolean sameSandbox(AllocationInterval one, AllocationInterval other) {
        return one.allocation().containerId().equals(other.allocation().containerId());
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
