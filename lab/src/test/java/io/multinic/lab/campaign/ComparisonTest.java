package io.multinic.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.PodRef;
import io.multinic.lab.campaign.CampaignPod.State;
import io.multinic.lab.campaign.Comparison.NodeJournal;
import io.multinic.lab.campaign.JournalFacts.HeldAddress;
import io.multinic.lab.campaign.KernelFacts.Namespace;
import io.multinic.lab.campaign.KernelFacts.RouteEntry;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.CniRuntime.Attachment;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.PodSandbox;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final LabNode NODE = LabLayout.of(1, 1).nodes().getFirst();
    private static final Set<String> OWN = Set.of("lo", "eth0", "eth1");

    private static CampaignPod pod(String id, String address, State state) {
        String json = """
                {"cniVersion":"1.0.0",
                 "interfaces":[{"name":"mnv-%s"},{"name":"net1-0","mac":"02:00:00:00:00:01","sandbox":"/run/netns/p"}],
                 "ips":[{"address":"%s/21","interface":1}]}
                """.formatted(id, address);
        var sandbox = new PodSandbox(id, "pod-" + id);
        return new CampaignPod(
                new LabPod("default", id, "uid-" + id, NODE, sandbox, List.of()),
                "network",
                new Attachment(sandbox, "default", id, "uid-" + id, "net1", "{}"),
                new CniAnswer(0, json),
                state);
    }

    private static final CampaignPod ONE = pod("container1", "10.64.0.1", State.LIVE);
    private static final CampaignPod TWO = pod("container2", "10.64.0.2", State.LIVE);
    private static final CampaignPod LOST = pod("container3", "10.64.0.3", State.LOST);
    private static final CampaignPod ENDING = pod("container4", "10.64.0.4", State.ENDING);

    private static NodeJournal journal(Map<String, String> attachments, HeldAddress... held) {
        return new NodeJournal(NODE.name(), new JournalFacts(attachments, List.of(held)));
    }

    private static HeldAddress held(CampaignPod pod, String address) {
        return new HeldAddress(address, pod.containerId(), true);
    }

    private static AllocationInterval open(CampaignPod pod, String address) {
        var ref = new PodRef("default", pod.pod().name(), pod.pod().uid());
        return new AllocationInterval(
                NODE.name(),
                new Allocation("network", IpAddress.parse(address), "eth1", ref, pod.containerId(), "net1", "net1-0"),
                Instant.EPOCH,
                null);
    }

    private static Comparison of(CampaignPod... pods) {
        return new Comparison(List.of(pods));
    }

    private static KernelFacts kernel(Map<String, Namespace> namespaces) {
        return new KernelFacts(namespaces);
    }

    private static Namespace node(List<String> links, RouteEntry... routes) {
        return new Namespace(links, List.of(), List.of(routes));
    }

    private static Namespace sandbox(String address) {
        return new Namespace(List.of("lo", "net1-0"), List.of(address), List.of());
    }

    @Test
    void differentAddressesAreNoProblem() {
        var kernel = kernel(Map.of("pod-container1", sandbox("10.64.0.1"), "pod-container2", sandbox("10.64.0.2")));
        assertThat(of(ONE, TWO).addressesAreUnique(kernel).problems()).isEmpty();
    }

    @Test
    void addressInTwoAnswersIsFound() {
        var same = pod("container9", "10.64.0.1", State.LIVE);
        assertThat(of(ONE, same).addressesAreUnique(kernel(Map.of())).problems())
                .singleElement()
                .asString()
                .contains("10.64.0.1", "container1", "container9");
    }

    @Test
    void addressInTwoSandboxesIsFoundAlsoIfDelWasSentForOne() {
        var kernel = kernel(Map.of("pod-container1", sandbox("10.64.0.1"), "pod-container4", sandbox("10.64.0.1")));
        assertThat(of(ONE, ENDING).addressesAreUnique(kernel).problems())
                .singleElement()
                .asString()
                .contains("on interfaces of", "10.64.0.1");
    }

    @Test
    void journalWithExactlyThePodsIsNoProblem() {
        var journal = journal(Map.of("container1", "ATTACHED", "container4", "INTENT"), held(ONE, "10.64.0.1"));
        assertThat(of(ONE, ENDING).journalHasPods(journal).problems()).isEmpty();
    }

    @Test
    void livePodThatTheJournalLacksIsFound() {
        assertThat(of(ONE).journalHasPods(journal(Map.of())).problems()).hasSize(1);
        assertThat(of(ONE).journalHasPods(journal(Map.of("container1", "DETACHING"), held(ONE, "10.64.0.1")))
                        .problems())
                .hasSize(1);
        assertThat(of(ONE).journalHasPods(journal(Map.of("container1", "ATTACHED"), held(ONE, "10.64.0.9")))
                        .problems())
                .hasSize(1);
    }

    @Test
    void attachmentWhoseDelHasSucceededIsFound() {
        assertThat(of().journalHasPods(journal(Map.of("container7", "ATTACHED")))
                        .problems())
                .singleElement()
                .asString()
                .contains("containe", "DEL has succeeded");
    }

    @Test
    void lostPodIsFoundUnlessItCannotBeCollected() {
        var journal = journal(Map.of("container3", "ATTACHED"), held(LOST, "10.64.0.3"));
        assertThat(of(LOST).nothingIsLost(journal, _ -> true).problems()).hasSize(1);
        assertThat(of(LOST).nothingIsLost(journal, _ -> false).problems()).isEmpty();
        assertThat(of(LOST).nothingIsLost(journal(Map.of()), _ -> true).problems())
                .isEmpty();
    }

    @Test
    void ledgerThatDiffersFromTheJournalIsFound() {
        var journal = journal(Map.of("container1", "ATTACHED"), held(ONE, "10.64.0.1"));
        assertThat(of(ONE).ledgerMatches(journal, List.of(open(ONE, "10.64.0.1")))
                        .problems())
                .isEmpty();
        assertThat(of(ONE).ledgerMatches(journal, List.of()).problems())
                .singleElement()
                .asString()
                .contains("lacks [10.64.0.1");
        assertThat(of(ONE).ledgerMatches(journal, List.of(open(ONE, "10.64.0.1"), open(TWO, "10.64.0.2")))
                        .problems())
                .singleElement()
                .asString()
                .contains("[10.64.0.2");
    }

    @Test
    void linkAndRouteOfNoPodAreFound() {
        var clean = node(List.of("lo", "eth0", "eth1", "mnv-container1"), new RouteEntry("10.64.0.1", "mnv", "140"));
        var dirty = node(
                List.of("lo", "eth0", "eth1", "mnv-container8"),
                new RouteEntry("10.64.0.8", "mnv", "140"),
                new RouteEntry("10.64.0.0/26", "eth1", "139"));
        assertThat(of(ONE).kernelHasNoLeftovers(NODE.name(), kernel(Map.of(NODE.name(), clean)), OWN)
                        .problems())
                .isEmpty();
        assertThat(of(ONE).kernelHasNoLeftovers(NODE.name(), kernel(Map.of(NODE.name(), dirty)), OWN)
                        .problems())
                .hasSize(2);
    }

    @Test
    void podWhoseDelDoesNotSucceedIsFound() {
        assertThat(of(ENDING, ONE).nothingIsEnding(_ -> true).problems()).hasSize(1);
        assertThat(of(ENDING, ONE).nothingIsEnding(_ -> false).problems()).isEmpty();
    }
}
