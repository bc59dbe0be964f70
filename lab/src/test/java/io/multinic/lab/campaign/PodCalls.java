package io.multinic.lab.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.lab.campaign.CampaignPod.State;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.PodSandbox;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import io.multinic.lab.process.ServiceProcess;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/// The pods of a campaign, and the CNI calls of kubelet and container runtime for them.
///
/// A failed ADD is followed by DEL and by another sandbox, a failed DEL is repeated, as kubelet does. Where no fault
/// hinders them, both must succeed within a time limit.
final class PodCalls {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Duration RETRY = Duration.ofMillis(200);
    private static final String NAMESPACE = "default";
    private static final int MOST_PODS_ON_NODE = 6;
    private static final int MOST_REMARKS = 20;
    private static final int LONGEST_DELAY_MILLIS = 60;

    private final CampaignLab campaign;
    private final ActiveFaults faults;
    private final Random ids;
    private final String prefix;
    private final List<CampaignPod> pods = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final Set<String> changed = new LinkedHashSet<>();
    /// Containers of which CHECK may report something for ever.
    private final Set<String> reportable = new HashSet<>();
    private Optional<CampaignPod> checked = Optional.empty();

    PodCalls(CampaignLab campaign, ActiveFaults faults, long seed) {
        this.campaign = campaign;
        this.faults = faults;
        ids = new Random(seed);
        prefix = "s" + Long.toUnsignedString(seed, 36) + "-";
    }

    /// All sandboxes of which the runtime has not seen the end.
    List<CampaignPod> pods() {
        return List.copyOf(pods);
    }

    List<CampaignPod> live() {
        return pods.stream().filter(CampaignPod::live).toList();
    }

    private List<CampaignPod> liveOn(String node) {
        return live().stream().filter(pod -> pod.node().equals(node)).toList();
    }

    /// Forgets the CHECK of the step before.
    void beginStep() {
        checked = Optional.empty();
    }

    /// Networks whose pods have changed since the last look.
    Set<String> takeChanged() {
        var taken = Set.copyOf(changed);
        changed.clear();
        return taken;
    }

    /// Failed calls since the last look, for the record of the campaign.
    List<String> takeRemarks() {
        var taken = List.copyOf(remarks);
        remarks.clear();
        return taken;
    }

    /// Adds a pod; where there are many already, deletes one.
    void add(CampaignStep step) {
        if (liveOn(step.node()).size() >= MOST_PODS_ON_NODE) {
            delete(step);
            return;
        }
        if (neverDeletable(step)) {
            return;
        }
        LabNode node = campaign.node(step.node());
        attach(step.network(), attempt -> newPod(node, step.network(), step.number() + "-" + attempt));
    }

    /// True for a pod of the macvlan plugin whose NIC is renamed: its DEL would be refused for ever afterwards.
    private boolean neverDeletable(CampaignStep step) {
        return step.network().equals(CampaignLab.EXECUTED) && faults.renamed(step.node());
    }

    private LabPod newPod(LabNode node, String network, String name) {
        return campaign.lab().pods().sandbox(node, NAMESPACE, prefix + name, network);
    }

    /// Gives a pod another sandbox, as after a restart of its node.
    void restart(CampaignPod pod, int step) {
        attach(pod.network(), attempt -> newSandbox(pod.pod(), step + "-" + attempt));
    }

    private LabPod newSandbox(LabPod pod, String suffix) {
        var id = new byte[32];
        ids.nextBytes(id);
        var sandbox = new PodSandbox(HexFormat.of().formatHex(id), "pod-" + pod.name() + "-r" + suffix);
        sandbox.create();
        return new LabPod(pod.namespace(), pod.name(), pod.uid(), pod.node(), sandbox, List.of());
    }

    /// @param sandboxes creates the sandbox of an attempt
    private void attach(String network, IntFunction<LabPod> sandboxes) {
        long end = System.nanoTime() + LIMIT.toNanos();
        for (int attempt = 1; ; attempt++) {
            CampaignPod pod = sandbox(network, sandboxes.apply(attempt));
            CniAnswer answer = call("ADD", pod);
            if (answer.ok()) {
                replace(pod, pod.attached(answer));
                if (faults.renamed(pod.node())) {
                    reportable.add(pod.containerId()); // recorded with a name that the NIC loses or has lost
                }
                faults.added(pod.node());
                return;
            }
            boolean last = !faults.allowAdd(pod.node(), network);
            if (!last && System.nanoTime() > end) {
                throw new LabException("ADD of " + pod + " fails without a fault: " + described(answer));
            }
            remark("ADD", pod, answer);
            end(pod, last);
            if (last) {
                return;
            }
            Deadline.pause(RETRY);
        }
    }

    private CampaignPod sandbox(String network, LabPod pod) {
        var attachment = campaign.lab().pods().attachments(pod, network).getFirst();
        var created = new CampaignPod(pod, network, attachment, new CniAnswer(0, "{}"), State.ENDING);
        pods.add(created);
        changed.add(network);
        return created;
    }

    void delete(CampaignStep step) {
        List<CampaignPod> live = liveOn(step.node());
        if (!live.isEmpty()) {
            end(live.get(step.pick() % live.size()), true);
        }
    }

    /// Repeats the DELs that failed.
    void repeatDeletes() {
        for (CampaignPod pod : pods()) {
            if (pod.state() == State.ENDING && faults.allowDelete(pod.node(), pod.network())) {
                end(pod, true);
            }
        }
    }

    /// Sends DEL, and if it succeeds removes the sandbox.
    ///
    /// @param object true to remove the Pod object too
    void end(CampaignPod pod, boolean object) {
        CniAnswer answer = call("DEL", pod);
        if (!answer.ok()) {
            remark("DEL", pod, answer);
            replace(pod, pod.with(State.ENDING));
            return;
        }
        forget(pod, object);
    }

    private void forget(CampaignPod pod, boolean object) {
        pods.removeIf(other -> same(other, pod));
        changed.add(pod.network());
        removeSandbox(pod);
        if (object) {
            removeObject(pod);
        }
    }

    void removeSandbox(CampaignPod pod) {
        if (Files.exists(pod.pod().sandbox().path())) {
            pod.pod().sandbox().delete();
        }
    }

    private void removeObject(CampaignPod pod) {
        if (live().stream()
                .noneMatch(other -> other.pod().uid().equals(pod.pod().uid()))) {
            campaign.lab()
                    .kubernetes()
                    .pods()
                    .inNamespace(NAMESPACE)
                    .withName(pod.pod().name())
                    .delete();
        }
    }

    /// Removes a pod without DEL.
    void loseDelete(CampaignStep step) {
        List<CampaignPod> live = liveOn(step.node());
        if (!live.isEmpty()) {
            lose(live.get(step.pick() % live.size()), true);
        }
    }

    /// @param object true to remove the Pod object too
    void lose(CampaignPod pod, boolean object) {
        removeSandbox(pod);
        replace(pod, pod.with(State.LOST));
        if (object) {
            removeObject(pod);
        }
    }

    /// Forgets the sandboxes without DEL that the node's journal does not have any more.
    void forgetCollected(String node, JournalFacts journal) {
        pods.removeIf(pod -> pod.state() == State.LOST
                && pod.node().equals(node)
                && !journal.attachments().containsKey(pod.containerId()));
    }

    /// CHECK of a live pod.
    void check(CampaignStep step) {
        List<CampaignPod> live = liveOn(step.node());
        if (!live.isEmpty()) {
            checked = Optional.of(live.get(step.pick() % live.size()));
        }
    }

    /// The answer to the last CHECK of this step if it is an error although nothing is known to be wrong.
    List<String> checkProblems() {
        return checked
                .filter(CampaignPod::live)
                .filter(pod -> faults.allowAdd(pod.node(), pod.network()) && !reportable.contains(pod.containerId()))
                .flatMap(pod -> {
                    CniAnswer answer = check(pod);
                    return answer.ok() ? Optional.empty() : Optional.of("CHECK of " + pod + ": " + described(answer));
                })
                .stream()
                .toList();
    }

    /// Notes that the executed plugin's interfaces on a node are gone, which only DEL and ADD can bring back.
    void loseInterfaces(String node) {
        liveOn(node).stream()
                .filter(pod -> pod.network().equals(CampaignLab.EXECUTED))
                .forEach(pod -> reportable.add(pod.containerId()));
    }

    CniAnswer check(CampaignPod pod) {
        return call("CHECK", pod);
    }

    /// GC of a network with the pods that the runtime knows; every second time one of them is left out, and is
    /// therefore detached.
    void collectGarbage(CampaignStep step) {
        List<CampaignPod> live = liveOn(step.node()).stream()
                .filter(pod -> pod.network().equals(step.network()))
                .toList();
        List<CampaignPod> out =
                step.pick() % 2 == 0 || live.isEmpty() ? List.of() : List.of(live.get(step.pick() / 2 % live.size()));
        LabNode node = campaign.node(step.node());
        ObjectNode config = (ObjectNode)
                Serialization.unmarshal(campaign.lab().pods().config(NAMESPACE, step.network()), JsonNode.class);
        config.put("cniVersion", "1.1.0");
        ArrayNode valid = config.putArray("cni.dev/valid-attachments");
        pods.stream()
                .filter(pod -> pod.node().equals(step.node()) && !out.contains(pod) && pod.state() != State.LOST)
                .forEach(pod -> valid.addObject()
                        .put("containerID", pod.containerId())
                        .put("ifname", pod.attachment().ifName()));
        Map<String, String> environment = new LinkedHashMap<>(campaign.cniSettings(node));
        environment.put("CNI_COMMAND", "GC");
        CniAnswer answer = campaign.lab().runtime(node).call(environment, Serialization.asJson(config));
        if (!answer.ok()) {
            remarks.add("GC of " + step.network() + " on " + node.name() + ": " + described(answer));
        }
        for (CampaignPod pod : out) {
            if (answer.ok()) {
                forget(pod, true);
            } else {
                replace(pod, pod.with(State.ENDING));
            }
        }
    }

    /// Kills the agent during an ADD and starts it again.
    void killDuringAdd(CampaignStep step) {
        if (neverDeletable(step)) {
            return;
        }
        LabNode node = campaign.node(step.node());
        CampaignPod pod = sandbox(step.network(), newPod(node, step.network(), Integer.toString(step.number())));
        ServiceProcess agent = campaign.lab().agent(node);
        Map<String, String> environment = environment("ADD", pod);
        var add = CompletableFuture.supplyAsync(() ->
                campaign.lab().runtime(node).call(environment, pod.attachment().config()));
        Deadline.pause(Duration.ofMillis(step.pick() % LONGEST_DELAY_MILLIS));
        agent.kill();
        CniAnswer answer = add.join();
        campaign.startAndAwait(agent);
        if (answer.ok()) {
            replace(pod, pod.attached(answer));
        } else {
            remark("ADD", pod, answer);
            end(pod, true);
        }
    }

    private CniAnswer call(String verb, CampaignPod pod) {
        String config = pod.attachment().config();
        if (verb.equals("CHECK")) {
            var withResult = (ObjectNode) Serialization.unmarshal(config, JsonNode.class);
            withResult.set("prevResult", pod.result().json());
            config = Serialization.asJson(withResult);
        }
        return campaign.lab().runtime(pod.pod().node()).call(environment(verb, pod), config);
    }

    private Map<String, String> environment(String verb, CampaignPod pod) {
        LabNode node = pod.pod().node();
        var environment = new LinkedHashMap<>(campaign.lab().runtime(node).environment(verb, pod.attachment()));
        environment.putAll(campaign.cniSettings(node));
        if (!Files.exists(pod.pod().sandbox().path())) {
            environment.put("CNI_NETNS", "");
        }
        return environment;
    }

    private void replace(CampaignPod pod, CampaignPod by) {
        changed.add(pod.network());
        pods.replaceAll(other -> same(other, pod) ? by : other);
    }

    private static boolean same(CampaignPod one, CampaignPod other) {
        return one.containerId().equals(other.containerId());
    }

    private void remark(String verb, CampaignPod pod, CniAnswer answer) {
        String remark = verb + " of " + pod + ": " + described(answer);
        if (!remarks.contains(remark) && remarks.size() < MOST_REMARKS) {
            remarks.add(remark);
        }
    }

    static String described(CniAnswer answer) {
        return answer.text().isBlank() ? "exit " + answer.exit() : answer.code() + " " + answer.message();
    }
}
