package io.multinic.lab.campaign;

import io.multinic.contract.wire.AllocationInterval;
import io.multinic.lab.campaign.CampaignPod.State;
import io.multinic.lab.campaign.JournalFacts.HeldAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Compares what was read from kernel, journals and ledger with the pods of a campaign. Pure; each problem is a
/// sentence.
final class Comparison {
    /// Protocol of routes to pods.
    private static final String POD_PROTOCOL = "140";

    private final List<CampaignPod> pods;
    private final List<String> problems = new ArrayList<>();

    /// @param pods all sandboxes of which the runtime has not seen the end
    Comparison(List<CampaignPod> pods) {
        this.pods = List.copyOf(pods);
    }

    /// A node's journal, and a node's name.
    record NodeJournal(String node, JournalFacts facts) {}

    List<String> problems() {
        return List.copyOf(problems);
    }

    /// No address is held twice, whatever happens: neither by results of ADD nor by interfaces in sandboxes.
    Comparison addressesAreUnique(KernelFacts kernel) {
        Map<String, CampaignPod> answered = new HashMap<>();
        for (CampaignPod pod : pods) {
            for (String address : pod.addresses()) {
                CampaignPod other = answered.put(address, pod);
                if (other != null) {
                    problems.add("ADD gave " + address + " to " + other + " and to " + pod);
                }
            }
        }
        Map<String, CampaignPod> present = new HashMap<>();
        for (CampaignPod pod : pods) {
            for (String address : kernel.of(pod.pod().sandbox().namespace()).addresses()) {
                CampaignPod other = present.put(address, pod);
                if (other != null) {
                    problems.add(address + " is on interfaces of " + other + " and of " + pod);
                }
            }
        }
        return this;
    }

    /// The journal has the addresses of every live pod, and nothing of pods whose DEL has succeeded.
    Comparison journalHasPods(NodeJournal journal) {
        Set<String> known = new HashSet<>();
        for (CampaignPod pod : on(journal.node())) {
            known.add(pod.containerId());
            if (!pod.live()) {
                continue;
            }
            String state = journal.facts().attachments().get(pod.containerId());
            var held = new TreeSet<>(journal.facts().heldBy(pod.containerId()));
            if (!"ATTACHED".equals(state) || !held.equals(new TreeSet<>(pod.addresses()))) {
                problems.add("the journal of " + journal.node() + " has " + pod + " as " + state + " with " + held
                        + ", and its ADD was answered with " + pod.addresses());
            }
        }
        journal.facts().attachments().forEach((container, state) -> {
            if (!known.contains(container)) {
                problems.add("the journal of " + journal.node() + " has container " + shortened(container) + " as "
                        + state + " with " + journal.facts().heldBy(container) + ", and its DEL has succeeded");
            }
        });
        return this;
    }

    /// Sandboxes without DEL have been collected.
    ///
    /// @param collectable true for a sandbox that nothing hinders the agent to detach
    Comparison nothingIsLost(NodeJournal journal, Predicate<CampaignPod> collectable) {
        for (CampaignPod pod : on(journal.node())) {
            if (pod.state() == State.LOST
                    && collectable.test(pod)
                    && journal.facts().attachments().containsKey(pod.containerId())) {
                problems.add("the journal of " + journal.node() + " still has " + pod + " with "
                        + journal.facts().heldBy(pod.containerId()));
            }
        }
        return this;
    }

    /// The open intervals of a node are what its journal holds.
    Comparison ledgerMatches(NodeJournal journal, List<AllocationInterval> open) {
        Set<String> ledger = open.stream()
                .filter(interval -> interval.node().equals(journal.node()))
                .map(interval -> entry(
                        interval.allocation().address().toString(),
                        interval.allocation().containerId()))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> held = journal.facts().held().stream()
                .filter(HeldAddress::recorded)
                .map(one -> entry(one.address(), one.containerId()))
                .collect(Collectors.toCollection(TreeSet::new));
        if (!ledger.equals(held)) {
            problems.add("the ledger has open intervals of " + journal.node() + " " + minus(ledger, held)
                    + " that its journal does not have, and lacks " + minus(held, ledger));
        }
        return this;
    }

    /// The node has no host end, and no route to a pod, that belongs to no pod.
    ///
    /// @param own the node's own links
    Comparison kernelHasNoLeftovers(String node, KernelFacts kernel, Set<String> own) {
        if (on(node).stream().anyMatch(pod -> !pod.live())) {
            return this; // of which the kernel may have anything
        }
        Set<String> addresses = new HashSet<>();
        Set<String> hostEnds = new HashSet<>();
        for (CampaignPod pod : on(node)) {
            addresses.addAll(pod.addresses());
            pod.result().json().path("interfaces").forEach(link -> {
                if (link.path("sandbox").asText().isEmpty()) {
                    hostEnds.add(link.path("name").asText());
                }
            });
        }
        KernelFacts.Namespace found = kernel.of(node);
        for (String link : found.links()) {
            if (!own.contains(link) && !hostEnds.contains(link)) {
                problems.add(node + " has link " + link + ", which belongs to no pod");
            }
        }
        for (KernelFacts.RouteEntry route : found.routes()) {
            if (route.protocol().equals(POD_PROTOCOL) && !addresses.contains(route.destination())) {
                problems.add(
                        node + " has a route to " + route.destination() + " on " + route.link() + ", which no pod has");
            }
        }
        return this;
    }

    /// The sandboxes of pods whose DEL can succeed have been deleted.
    Comparison nothingIsEnding(Predicate<CampaignPod> deletable) {
        pods.stream()
                .filter(pod -> pod.state() == State.ENDING && deletable.test(pod))
                .forEach(pod -> problems.add("DEL of " + pod + " does not succeed"));
        return this;
    }

    private List<CampaignPod> on(String node) {
        return pods.stream().filter(pod -> pod.node().equals(node)).toList();
    }

    private static Set<String> minus(Set<String> all, Set<String> some) {
        var rest = new TreeSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    private static String entry(String address, String containerId) {
        return address + " of " + shortened(containerId);
    }

    private static String shortened(String containerId) {
        return containerId.substring(0, Math.min(8, containerId.length()));
    }
}
