package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.lab.LabException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What the controller does with objects that others write to too, and what becomes of them when a controller ends.
final class ControllerSteps {
    static final String CONTROLLER = "multi-nic-controller";
    private static final Duration SOON = Duration.ofSeconds(20);

    /// A lease that its holder cannot give back runs out in 15 s.
    private static final Duration TAKEN_OVER = Duration.ofSeconds(45);

    private static final Duration FOUND_GONE = Duration.ofSeconds(90);
    private static final String LEFT = "left-node";

    private final Platform platform;
    private final Site site;
    private final List<String> needs;

    ControllerSteps(Platform platform, String plugin) {
        this.platform = platform;
        site = platform.site();
        needs = List.of(NetworkSteps.ready(plugin));
    }

    List<Step> steps() {
        return List.of(
                new Step(
                        "original-manifests",
                        "what users of the original have is accepted unchanged",
                        List.of(InstallSteps.INSTALL),
                        this::originalManifests),
                new Step(
                        "attachment-definitions",
                        "a new namespace gets the network, drift is undone, and what others wrote stays",
                        needs,
                        this::attachments),
                new Step(
                        "controller-killed",
                        "a leader that is killed or deleted is followed by another, which writes nothing anew",
                        needs,
                        this::killed),
                new Step(
                        "controller-away",
                        "what left the cluster while no controller ran is found when one is back",
                        needs,
                        this::away));
    }

    private String originalManifests() {
        String answer = site.kubectl(
                "apply",
                "--dry-run=server",
                "-f",
                site.written(OriginalManifests.ALL).toString());
        site.progress().show(answer.indent(4));
        return answer.lines().count() + " objects of all kinds and variants";
    }

    private String attachments() {
        String namespace = "newcomer";
        long start = System.nanoTime();
        site.kubectl("create", "namespace", namespace);
        Until.nothing("attachment definition in a new namespace", SOON, () -> missing(namespace));
        double seconds = (System.nanoTime() - start) / 1e9;
        try {
            driftIsUndone(namespace);
            strangerStays(namespace);
        } finally {
            site.kubectl("delete", "namespace", namespace, "--wait=false");
        }
        return String.format(
                Locale.ROOT,
                "there after %.1f s; configuration restored by server-side apply beside a user's label; a stranger's of"
                        + " the same name untouched",
                seconds);
    }

    private void driftIsUndone(String namespace) {
        String config = config(namespace, Platform.NETWORK);
        String name = "net-attach-def/" + Platform.NETWORK;
        site.kubectl("-n", namespace, "label", name, "team=a");
        site.kubectl("-n", namespace, "patch", name, "--type=merge", "-p", "{\"spec\":{\"config\":\"{}\"}}");
        Until.nothing("the configuration restored", SOON, () -> {
            String now = config(namespace, Platform.NETWORK);
            return config.equals(now) ? "" : "it is " + now;
        });
        GenericKubernetesResource restored = find(namespace, Platform.NETWORK).orElseThrow();
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

    private void strangerStays(String namespace) {
        String theirs = "{\"cniVersion\":\"0.3.1\",\"type\":\"loopback\"}";
        site.apply("""
                apiVersion: k8s.cni.cncf.io/v1
                kind: NetworkAttachmentDefinition
                metadata: {name: stranger, namespace: %s}
                spec: {config: '%s'}
                """.formatted(namespace, theirs)).orThrow();
        site.apply("""
                apiVersion: multinic.fms.io/v1
                kind: MultiNicNetwork
                metadata: {name: stranger}
                spec:
                  ipam: '{"type": "host-device-ipam"}'
                  multiNICIPAM: false
                  plugin: {type: host-device}
                  namespaces: [%s]
                """.formatted(namespace)).orThrow();
        try {
            Until.nothing("kubectl describe naming what stands in the way", SOON, () -> {
                String told = site.kubectl("describe", "multinicnetwork", "stranger");
                return told.contains("AttachmentsBlocked") && told.contains("namespace " + namespace) ? "" : told;
            });
        } finally {
            site.kubectl("delete", "multinicnetwork", "stranger", "--timeout=" + SOON.toSeconds() + "s");
        }
        if (!theirs.equals(config(namespace, "stranger"))) {
            throw new LabException("the stranger's definition has changed: " + config(namespace, "stranger"));
        }
    }

    private String missing(String namespace) {
        return find(namespace, Platform.NETWORK).isPresent() ? "" : "none in " + namespace;
    }

    private Optional<GenericKubernetesResource> find(String namespace, String name) {
        return Optional.ofNullable(site.kubernetes()
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
        platform.release().awaitReady();
        Map<String, String> before = versions();
        String leader = leader();
        Pod pod = controller(leader);
        platform.release().kill(pod);
        double killed = secondsUntilServed("after-a-kill");
        String heir = leader();
        platform.release().awaitReady();

        site.kubectl("-n", Release.NAMESPACE, "delete", "pod", heir, "--wait=false");
        double deleted = secondsUntilAnotherThan(heir);
        secondsUntilServed("after-a-deletion");
        platform.release().awaitReady();
        Map<String, String> after = versions();
        after.keySet().retainAll(before.keySet());
        before.keySet().retainAll(after.keySet());
        if (!after.equals(before)) {
            throw new LabException("written though nothing had changed: before " + before + ", after " + after);
        }
        return String.format(
                Locale.ROOT,
                "work goes on %.1f s after kill -9 (%s), another leads %.1f s after a deletion; %d objects not written to",
                killed,
                heir.equals(leader) ? "by its next container" : "by the other replica",
                deleted,
                before.size());
    }

    /// Time until another pod leads: one that ends is at work until it gives the lease back.
    private double secondsUntilAnotherThan(String former) {
        long start = System.nanoTime();
        Until.nothing("another leader than " + former, TAKEN_OVER, () -> {
            String now = leader();
            return now.isEmpty() || now.equals(former) ? "it is '" + now + "'" : "";
        });
        return (System.nanoTime() - start) / 1e9;
    }

    /// Time until a new namespace has the network.
    private double secondsUntilServed(String namespace) {
        long start = System.nanoTime();
        site.kubectl("create", "namespace", namespace);
        try {
            Until.nothing("attachment definition in " + namespace, TAKEN_OVER, () -> missing(namespace));
            return (System.nanoTime() - start) / 1e9;
        } finally {
            site.kubectl("delete", "namespace", namespace, "--wait=false");
        }
    }

    /// What the controller writes, each object by its kind and name.
    private Map<String, String> versions() {
        var versions = new TreeMap<String, String>();
        Stream.concat(
                        site.kubernetes().resources(MultiNicNetwork.class).list().getItems().stream(),
                        site
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
        site.kubernetes().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> CONTROLLER.equals(event.getReportingComponent()))
                .forEach(event -> versions.put(
                        "Event " + event.getMetadata().getName(),
                        event.getMetadata().getResourceVersion()));
        return versions;
    }

    private String leader() {
        var lease = site.kubernetes()
                .leases()
                .inNamespace(Release.NAMESPACE)
                .withName(CONTROLLER)
                .get();
        if (lease == null || lease.getSpec().getHolderIdentity() == null) {
            throw new LabException("nobody holds the lease " + CONTROLLER);
        }
        return lease.getSpec().getHolderIdentity();
    }

    private Pod controller(String name) {
        return platform.release().pods("controller").stream()
                .filter(pod -> pod.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new LabException("the lease is held by " + name + ", which is no pod of ours"));
    }

    private String away() {
        int replicas = platform.release().pods("controller").size();
        site.apply("""
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
                """.formatted(LEFT)).orThrow();
        Until.nothing("ipam-service knows a node that comes", SOON, () -> known() ? "" : "it does not know " + LEFT);
        platform.release().scale("deployment", "controller", 0);
        long start;
        try {
            Until.nothing(
                    "no controller",
                    SOON,
                    () -> platform.release().pods("controller").isEmpty() ? "" : "some");
            site.kubectl("delete", "hostinterface", LEFT);
            site.kubectl("delete", "node", LEFT);
            if (!known()) {
                throw new LabException("ipam-service forgot " + LEFT + " with no controller to tell it");
            }
        } finally {
            start = System.nanoTime();
            platform.release().scale("deployment", "controller", replicas);
        }
        Until.nothing("ipam-service has retired the node", FOUND_GONE, () -> known() ? "it still knows " + LEFT : "");
        double seconds = (System.nanoTime() - start) / 1e9;
        platform.release().awaitReady();
        return String.format(Locale.ROOT, "a node that left meanwhile is retired %.1f s after the start", seconds);
    }

    private boolean known() {
        return platform.ipam().get("/api/v1/nodes?superseded=true").contains("\"" + LEFT + "\"");
    }
}
