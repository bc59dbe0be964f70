package io.multinic.e2e.steps;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.HelmRelease;
import io.multinic.e2e.harness.Poll;
import io.multinic.e2e.harness.Step;
import io.multinic.lab.process.LabException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Steps for the controller: objects that it shares with other writers, leader change, absence.
final class ControllerSteps {
    static final String CONTROLLER = "multi-nic-controller";
    private static final Duration SOON = Duration.ofSeconds(20);

    /// The lease of a killed leader expires after 15 s.
    private static final Duration TAKEN_OVER = Duration.ofSeconds(45);

    private static final Duration FOUND_GONE = Duration.ofSeconds(90);
    private static final String DELETED_NODE = "deleted-node";

    private final StepContext context;
    private final ClusterUnderTest cluster;
    private final List<String> needs;

    ControllerSteps(StepContext context, String plugin) {
        this.context = context;
        cluster = context.cluster();
        needs = List.of(NetworkSteps.readyName(plugin));
    }

    List<Step> steps() {
        return List.of(
                new Step(
                        "original-manifests",
                        "manifests of the original Multi-NIC CNI are accepted unchanged",
                        List.of(InstallSteps.INSTALL),
                        this::originalManifests),
                new Step(
                        "attachment-definitions",
                        "a new namespace gets its attachment definition, drift is repaired, fields of other writers"
                                + " stay",
                        needs,
                        this::attachments),
                new Step(
                        "controller-killed",
                        "after a leader is killed or deleted another one takes over and rewrites no object",
                        needs,
                        this::killed),
                new Step(
                        "controller-away",
                        "a node deleted while no controller runs is retired after the controller has returned",
                        needs,
                        this::away));
    }

    private String originalManifests() {
        String answer = cluster.kubectl(
                "apply",
                "--dry-run=server",
                "-f",
                cluster.written(OriginalManifests.ALL).toString());
        cluster.progress().show(answer.indent(4));
        return answer.lines().count() + " objects of all kinds and variants";
    }

    private String attachments() {
        String namespace = "new-namespace";
        long start = System.nanoTime();
        cluster.kubectl("create", "namespace", namespace);
        Poll.until("attachment definition in a new namespace", SOON, () -> missing(namespace));
        double seconds = (System.nanoTime() - start) / 1e9;
        try {
            checkDriftRepaired(namespace);
            checkForeignDefinitionKept(namespace);
        } finally {
            cluster.kubectl("delete", "namespace", namespace, "--wait=false");
        }
        return String.format(
                Locale.ROOT,
                "created after %.1f s; configuration restored by server-side apply, a user's label kept; another"
                        + " owner's definition of the same name not changed",
                seconds);
    }

    private void checkDriftRepaired(String namespace) {
        String config = config(namespace, StepContext.NETWORK);
        String name = "net-attach-def/" + StepContext.NETWORK;
        cluster.kubectl("-n", namespace, "label", name, "team=a");
        cluster.kubectl("-n", namespace, "patch", name, "--type=merge", "-p", "{\"spec\":{\"config\":\"{}\"}}");
        Poll.until("the configuration restored", SOON, () -> {
            String now = config(namespace, StepContext.NETWORK);
            return config.equals(now) ? "" : "it is " + now;
        });
        GenericKubernetesResource restored =
                find(namespace, StepContext.NETWORK).orElseThrow();
        if (!"a".equals(restored.getMetadata().getLabels().get("team"))) {
            throw new LabException("the user's label is gone: " + restored.getMetadata());
        }
        boolean applied =
                restored.getMetadata().getManagedFields().stream().anyMatch(ControllerSteps::isAppliedByController);
        if (!applied) {
            throw new LabException("no apply of " + CONTROLLER + ": " + restored.getMetadata());
        }
    }

    private static boolean isAppliedByController(ManagedFieldsEntry entry) {
        return CONTROLLER.equals(entry.getManager()) && "Apply".equals(entry.getOperation());
    }

    private void checkForeignDefinitionKept(String namespace) {
        String foreign = "{\"cniVersion\":\"0.3.1\",\"type\":\"loopback\"}";
        cluster.apply("""
            apiVersion: k8s.cni.cncf.io/v1
            kind: NetworkAttachmentDefinition
            metadata: {name: foreign, namespace: %s}
            spec: {config: '%s'}
            """.formatted(namespace, foreign)).orThrow();
        cluster.apply("""
            apiVersion: multinic.fms.io/v1
            kind: MultiNicNetwork
            metadata: {name: foreign}
            spec:
              ipam: '{"type": "host-device-ipam"}'
              multiNICIPAM: false
              plugin: {type: host-device}
              namespaces: [%s]
            """.formatted(namespace)).orThrow();
        try {
            Poll.until("kubectl describe with the blocking object", SOON, () -> {
                String description = cluster.kubectl("describe", "multinicnetwork", "foreign");
                return description.contains("AttachmentsBlocked") && description.contains("namespace " + namespace)
                        ? ""
                        : description;
            });
        } finally {
            cluster.kubectl("delete", "multinicnetwork", "foreign", "--timeout=" + SOON.toSeconds() + "s");
        }
        if (!foreign.equals(config(namespace, "foreign"))) {
            throw new LabException("the foreign definition has changed: " + config(namespace, "foreign"));
        }
    }

    private String missing(String namespace) {
        return find(namespace, StepContext.NETWORK).isPresent() ? "" : "none in " + namespace;
    }

    private Optional<GenericKubernetesResource> find(String namespace, String name) {
        return Optional.ofNullable(cluster.kubernetes()
                .genericKubernetesResources(NetworkSteps.ATTACHMENTS)
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    private String config(String namespace, String name) {
        return find(namespace, name)
                .map(found -> String.valueOf(found.<Object>get("spec", "config")))
                .orElse("no definition");
    }

    private String killed() {
        context.release().awaitReady();
        Map<String, String> before = versions();
        String leader = leader();
        Pod pod = controller(leader);
        context.release().kill(pod);
        double killed = secondsUntilServed("after-a-kill");
        String successor = leader();
        context.release().awaitReady();

        cluster.kubectl("-n", HelmRelease.NAMESPACE, "delete", "pod", successor, "--wait=false");
        double deleted = secondsUntilAnotherThan(successor);
        secondsUntilServed("after-a-deletion");
        context.release().awaitReady();
        Map<String, String> after = versions();
        after.keySet().retainAll(before.keySet());
        before.keySet().retainAll(after.keySet());
        if (!after.equals(before)) {
            throw new LabException(
                    "objects were written although nothing had changed: before " + before + ", after " + after);
        }
        return String.format(
                Locale.ROOT,
                "takeover %.1f s after SIGKILL (%s), %.1f s after a deletion; %d objects not rewritten",
                killed,
                successor.equals(leader) ? "by its next container" : "by the other replica",
                deleted,
                before.size());
    }

    /// Time until another pod leads. A terminating leader works until it releases the lease.
    private double secondsUntilAnotherThan(String former) {
        long start = System.nanoTime();
        Poll.until("a leader other than " + former, TAKEN_OVER, () -> {
            String now = leader();
            return now.isEmpty() || now.equals(former) ? "it is '" + now + "'" : "";
        });
        return (System.nanoTime() - start) / 1e9;
    }

    /// Time until a new namespace has its attachment definition.
    private double secondsUntilServed(String namespace) {
        long start = System.nanoTime();
        cluster.kubectl("create", "namespace", namespace);
        try {
            Poll.until("attachment definition in " + namespace, TAKEN_OVER, () -> missing(namespace));
            return (System.nanoTime() - start) / 1e9;
        } finally {
            cluster.kubectl("delete", "namespace", namespace, "--wait=false");
        }
    }

    /// The resource versions of all objects that the controller writes, by kind and name.
    private Map<String, String> versions() {
        var versions = new TreeMap<String, String>();
        Stream.concat(
                        cluster.kubernetes().resources(MultiNicNetwork.class).list().getItems().stream(),
                        cluster
                                .kubernetes()
                                .genericKubernetesResources(NetworkSteps.ATTACHMENTS)
                                .inAnyNamespace()
                                .list()
                                .getItems()
                                .stream())
                .forEach(found -> versions.put(
                        found.getKind() + " " + found.getMetadata().getNamespace() + "/"
                                + found.getMetadata().getName(),
                        found.getMetadata().getResourceVersion()));
        cluster.kubernetes().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> CONTROLLER.equals(event.getReportingComponent()))
                .forEach(event -> versions.put(
                        "Event " + event.getMetadata().getName(),
                        event.getMetadata().getResourceVersion()));
        return versions;
    }

    private String leader() {
        var lease = cluster.kubernetes()
                .leases()
                .inNamespace(HelmRelease.NAMESPACE)
                .withName(CONTROLLER)
                .get();
        if (lease == null || lease.getSpec().getHolderIdentity() == null) {
            throw new LabException("no holder of the lease " + CONTROLLER);
        }
        return lease.getSpec().getHolderIdentity();
    }

    private Pod controller(String name) {
        return context.release().pods("controller").stream()
                .filter(pod -> pod.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new LabException("the lease is held by " + name + ", which is not a pod of the release"));
    }

    private String away() {
        int replicas = context.release().pods("controller").size();
        cluster.apply("""
            apiVersion: v1
            kind: Node
            metadata: {name: %1$s}
            ---
            apiVersion: multinic.fms.io/v1
            kind: HostInterface
            metadata: {name: %1$s}
            spec:
              hostName: %1$s
              interfaces: [{interfaceName: eth1, netAddress: 10.0.1.0/24, hostIP: 10.0.1.77}]
            """.formatted(DELETED_NODE)).orThrow();
        Poll.until("ipam-service knows the new node", SOON, () -> known() ? "" : "it does not know " + DELETED_NODE);
        context.release().scale("deployment", "controller", 0);
        long start;
        try {
            Poll.until(
                    "no controller",
                    SOON,
                    () -> context.release().pods("controller").isEmpty() ? "" : "some");
            cluster.kubectl("delete", "hostinterface", DELETED_NODE);
            cluster.kubectl("delete", "node", DELETED_NODE);
            if (!known()) {
                throw new LabException("ipam-service retired " + DELETED_NODE + " although no controller runs");
            }
        } finally {
            start = System.nanoTime();
            context.release().scale("deployment", "controller", replicas);
        }
        Poll.until(
                "ipam-service has retired the node", FOUND_GONE, () -> known() ? "it still knows " + DELETED_NODE : "");
        double seconds = (System.nanoTime() - start) / 1e9;
        context.release().awaitReady();
        return String.format(Locale.ROOT, "the deleted node is retired %.1f s after the controller's start", seconds);
    }

    private boolean known() {
        return context.auditor().get("/api/v1/nodes?superseded=true").contains("\"" + DELETED_NODE + "\"");
    }
}
