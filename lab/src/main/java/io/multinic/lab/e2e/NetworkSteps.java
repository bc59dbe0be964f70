package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkSpec;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.crd.PluginSpec;
import io.multinic.lab.LabException;
import io.multinic.lab.Networks;
import io.multinic.lab.process.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// A network's life: applied, seen to be ready, refused, deleted.
final class NetworkSteps {
    private static final Duration GONE = Duration.ofSeconds(45);
    private static final String TEAM = "team-a";
    static final ResourceDefinitionContext ATTACHMENTS = new ResourceDefinitionContext.Builder()
            .withGroup("k8s.cni.cncf.io")
            .withVersion("v1")
            .withKind("NetworkAttachmentDefinition")
            .withPlural("network-attachment-definitions")
            .withNamespaced(true)
            .build();

    private final Platform platform;
    private final Site site;

    NetworkSteps(Platform platform) {
        this.platform = platform;
        site = platform.site();
    }

    static String ready(String plugin) {
        return "network-" + plugin;
    }

    static String gone(String plugin) {
        return "network-" + plugin + "-gone";
    }

    Step refusesBadNetworks() {
        return new Step(
                "bad-network",
                "kubectl apply refuses a bad network and says why",
                List.of(InstallSteps.INSTALL),
                this::badNetworks);
    }

    Step becomesReady(String plugin) {
        return new Step(
                ready(plugin),
                "the sample network with plugin " + plugin + " becomes Ready, with hosts, NICs and attachments",
                List.of(InstallSteps.INSTALL),
                () -> applyNetwork(plugin));
    }

    Step goes(String plugin) {
        return new Step(
                gone(plugin),
                "a deleted network goes, with its attachments, rules, routes and links",
                List.of(ready(plugin)),
                this::deleteNetwork);
    }

    private String applyNetwork(String plugin) {
        site.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: " + TEAM + "}\n")
                .orThrow();
        site.apply(sample(plugin)).orThrow();
        MultiNicNetworkStatus status = new Networks(site.kubernetes()).awaitReady(Platform.NETWORK);
        String table = site.kubectl("get", "multinicnetwork", Platform.NETWORK);
        site.progress().show(table.indent(4));
        int nodes = site.nodes().size();
        status.computeResults().forEach(net -> {
            if (net.numOfHosts() != nodes) {
                throw new LabException(net.netAddress() + " is on " + net.numOfHosts() + " hosts, not on " + nodes);
            }
        });
        if (status.computeResults().size() != platform.nicsOfANode()) {
            throw new LabException("not a network for each NIC: " + status.computeResults());
        }
        String row = table.lines().toList().getLast();
        if (!List.of(row.split("\\s+")).contains("True")) {
            throw new LabException("kubectl get multinicnetwork does not say Ready True:\n" + table);
        }
        Until.nothing("attachment definitions in " + Site.NAMESPACE + " and " + TEAM, GONE, this::attachmentsMissing);
        return "Ready True, "
                + status.computeResults().stream()
                        .map(net -> net.netAddress() + " on " + net.numOfHosts() + " hosts")
                        .collect(Collectors.joining(", "))
                + "; attachment definitions in " + Site.NAMESPACE + " and " + TEAM;
    }

    private String attachmentsMissing() {
        var missing = new ArrayList<>(List.of(Site.NAMESPACE, TEAM));
        attachments().forEach(one -> missing.remove(one.getMetadata().getNamespace()));
        return missing.isEmpty() ? "" : "none in " + missing;
    }

    private List<GenericKubernetesResource> attachments() {
        return site.kubernetes().genericKubernetesResources(ATTACHMENTS).inAnyNamespace().list().getItems().stream()
                .filter(one -> one.getMetadata().getName().equals(Platform.NETWORK))
                .toList();
    }

    /// The network of the demo with another plugin.
    private String sample(String plugin) {
        MultiNicNetwork network = site.kubernetes()
                .resources(MultiNicNetwork.class)
                .load(site.files().sampleNetwork().toFile())
                .item();
        MultiNicNetworkSpec spec = network.getSpec();
        Map<String, String> arguments = plugin.equals("macvlan") ? Map.of("mode", "bridge") : Map.of();
        network.setSpec(Networks.withPlugin(
                spec,
                new PluginSpec(Objects.requireNonNull(spec.plugin()).cniVersion(), plugin, Map.of(), null, arguments)));
        return Serialization.asYaml(network);
    }

    private String deleteNetwork() {
        site.kubectl("delete", "multinicnetwork", Platform.NETWORK, "--timeout=" + GONE.toSeconds() + "s");
        Until.nothing("nothing left of the network", GONE, () -> {
            var left = new ArrayList<>(NodeTraces.ofNetworks(site));
            attachments()
                    .forEach(one -> left.add(
                            "attachment definition in " + one.getMetadata().getNamespace()));
            return String.join("\n", left);
        });
        return "no attachment definition, rule, route or link of it is left";
    }

    private String badNetworks() {
        var bad = new LinkedHashMap<String, String>();
        bad.put("subnet: \"192.168.0.0/33\"", "CIDR");
        bad.put("masterNets: [10.0.1.0/24, 10.0.1.0/24]", "twice");
        bad.put("ipam: '{\"type\": \"multi-nic-ipam\", \"hostBlock\": 12, \"interfaceBlock\": 8}'", "do not fit");
        bad.put("ipam: 'no JSON'", "JSON");
        bad.forEach(this::refused);
        return bad.size() + " of " + bad.size() + " refused, each with its reason";
    }

    private void refused(String field, String reason) {
        Command.Result answer = site.apply(withField(field));
        if (answer.ok()) {
            site.kubectl("delete", "multinicnetwork", "bad", "--wait=false");
            throw new LabException("kubectl apply took a network with " + field);
        }
        site.progress()
                .show(("    " + field + "\n        " + answer.err().strip().replace("\n", "\n        ")));
        if (!answer.err().contains(reason)) {
            throw new LabException("the refusal of " + field + " does not say '" + reason + "': " + answer.err());
        }
    }

    /// A network that is good but for the field.
    private static String withField(String field) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("subnet", "subnet: 192.168.0.0/16");
        fields.put("ipam", "ipam: '{\"type\": \"multi-nic-ipam\", \"hostBlock\": 6, \"interfaceBlock\": 2}'");
        fields.put("masterNets", "masterNets: [10.0.1.0/24, 10.0.2.0/24]");
        fields.put("multiNICIPAM", "multiNICIPAM: true");
        fields.put("plugin", "plugin: {type: macvlan}");
        fields.put(field.substring(0, field.indexOf(':')), field);
        return "apiVersion: multinic.fms.io/v1\nkind: MultiNicNetwork\nmetadata: {name: bad}\nspec:\n"
                + String.join("\n", fields.values()).indent(2);
    }
}
