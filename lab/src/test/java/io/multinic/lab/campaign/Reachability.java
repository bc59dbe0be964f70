package io.multinic.lab.campaign;

import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.process.Command;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Pings between the live pods of a network, and the reports that explain missing answers: CHECK of one of the two
/// pods, or the HostInterface of one of their nodes.
final class Reachability {
    /// ATTACHMENT_BROKEN.
    private static final int BROKEN = 109;

    /// PLUGIN_FAILED: the answer of an executed plugin's own CHECK.
    private static final int PLUGIN_FAILED = 105;

    private static final String SCRIPT = """
            while read -r number namespace nic target; do
                (nsenter --net="/run/netns/$namespace" ping -n -q -c 1 -W 1 -I "$nic" "$target" >/dev/null 2>&1 ||
                    echo "$number") &
            done
            wait
            """;

    private final CampaignLab campaign;
    private final PodCalls calls;
    private final ActiveFaults faults;

    Reachability(CampaignLab campaign, PodCalls calls, ActiveFaults faults) {
        this.campaign = campaign;
        this.calls = calls;
        this.faults = faults;
    }

    private record Ping(CampaignPod from, CampaignPod to, String nic, String target) {}

    /// Pings from each pod to the next one over all NICs.
    ///
    /// @return the pairs that are neither connected nor reported
    List<String> problems(Collection<String> networks) {
        var pings = new ArrayList<Ping>();
        for (String network : networks) {
            List<CampaignPod> ring = calls.live().stream()
                    .filter(pod -> pod.network().equals(network))
                    .toList();
            for (int i = 0; i < ring.size() && ring.size() > 1; i++) {
                addPings(pings, ring.get(i), ring.get((i + 1) % ring.size()));
            }
        }
        return lost(pings).stream()
                .filter(ping -> !reported(ping.from()) && !reported(ping.to()))
                .map(ping -> "no answer from " + ping.to() + " to " + ping.from() + " over " + ping.nic() + " to "
                        + ping.target() + ", and neither CHECK nor a HostInterface reports it")
                .toList();
    }

    /// Interfaces are paired by rail, not by name: a pod that was added while a NIC was down has fewer of them.
    private static void addPings(List<Ping> pings, CampaignPod from, CampaignPod to) {
        for (CniAnswer.Interface nic : from.interfaces()) {
            PrefixedAddress own = nic.addresses().getFirst();
            to.interfaces().stream()
                    .map(other -> other.addresses().getFirst())
                    .filter(other -> other.network().equals(own.network()))
                    .forEach(target -> pings.add(
                            new Ping(from, to, nic.name(), target.address().toString())));
        }
    }

    private static List<Ping> lost(List<Ping> pings) {
        if (pings.isEmpty()) {
            return List.of();
        }
        var input = new StringBuilder();
        for (int i = 0; i < pings.size(); i++) {
            Ping ping = pings.get(i);
            input.append(i)
                    .append(' ')
                    .append(ping.from().pod().sandbox().namespace())
                    .append(' ')
                    .append(ping.nic())
                    .append(' ')
                    .append(ping.target())
                    .append('\n');
        }
        return Command.of("sh", "-c", SCRIPT)
                .withInput(input.toString())
                .run()
                .orThrow()
                .out()
                .lines()
                .map(number -> pings.get(Integer.parseInt(number)))
                .toList();
    }

    private boolean reported(CampaignPod pod) {
        CniAnswer answer = calls.check(pod);
        boolean executed = pod.network().equals(CampaignLab.EXECUTED);
        return answer.code() == BROKEN
                || (answer.code() == PLUGIN_FAILED && executed && !faults.pluginHangs())
                || reported(pod.pod().node(), pod.network());
    }

    /// True if the node's HostInterface names a problem: a NIC is missing or has no link, a route of the network is
    /// missing, a condition is not met.
    private boolean reported(LabNode node, String network) {
        HostInterface host = campaign.lab()
                .kubernetes()
                .resources(HostInterface.class)
                .withName(node.name())
                .get();
        if (host == null || host.getSpec() == null || host.getStatus() == null) {
            return false;
        }
        Set<String> up = new HashSet<>();
        host.getSpec().interfaces().stream()
                .filter(nic -> !Boolean.FALSE.equals(nic.linkUp()))
                .forEach(nic -> up.add(nic.interfaceName()));
        return node.nics().stream().anyMatch(nic -> !up.contains(nic.name()))
                || host.getStatus().conditions().stream().anyMatch(condition -> "False".equals(condition.getStatus()))
                || host.getStatus().networks().stream()
                        .anyMatch(observed -> network.equals(observed.name())
                                && observed.message() != null
                                && !observed.message().isEmpty());
    }
}
