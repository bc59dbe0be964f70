package io.multinic.e2e.steps;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkSpec;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.crd.PluginSpec;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.Poll;
import io.multinic.e2e.harness.Step;
import io.multinic.e2e.observe.NodeLeftovers;
import io.multinic.lab.client.MultiNicNetworks;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.LabException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// Steps for the life cycle of a network: applied, ready, rejected, deleted.
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

    private final StepContext context;
    private final ClusterUnderTest cluster;

    NetworkSteps(StepContext context) {
        this.context = context;
        cluster = context.cluster();
    }

    static String readyName(String plugin) {
        return "network-" + plugin;
    }

    static String deletedName(String plugin) {
        return "network-" + plugin + "-gone";
    }

    Step badNetwork() {
        return new Step(
                "bad-network",
                "kubectl apply rejects an invalid network with the reason",
                List.of(InstallSteps.INSTALL),
                this::applyInvalidNetworks);
    }

    Step ready(String plugin) {
        return new Step(
                readyName(plugin),
                "the sample network with plugin " + plugin + " becomes Ready, with hosts, NICs and attachments",
                List.of(InstallSteps.INSTALL),
                () -> applyNetwork(plugin));
    }

    Step deleted(String plugin) {
        return new Step(
                deletedName(plugin),
                "deleting a network removes its attachment definitions, rules, routes and links",
                List.of(readyName(plugin)),
                this::deleteNetwork);
    }

    private String applyNetwork(String plugin) {
        cluster.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: " + TEAM + "}\n")
                .orThrow();
        cluster.apply(sample(plugin)).orThrow();
        MultiNicNetworkStatus status = new MultiNicNetworks(cluster.kubernetes()).awaitReady(StepContext.NETWORK);
        String table = cluster.kubectl("get", "multinicnetwork", StepContext.NETWORK);
        cluster.progress().show(table.indent(4));
        int nodes = cluster.nodes().size();
        status.computeResults().forEach(net -> {
            if (net.numOfHosts() != nodes) {
                throw new LabException(net.netAddress() + " is on " + net.numOfHosts() + " hosts instead of " + nodes);
            }
        });
        if (status.computeResults().size() != context.nicsPerNode()) {
            throw new LabException("number of networks differs from the number of NICs: " + status.computeResults());
        }
        String row = table.lines().toList().getLast();
        if (!List.of(row.split("\\s+")).contains("True")) {
            throw new LabException("kubectl get multinicnetwork does not show Ready True:\n" + table);
        }
        Poll.until(
                "attachment definitions in " + ClusterUnderTest.NAMESPACE + " and " + TEAM,
                GONE,
                this::attachmentsMissing);
        return "Ready True, "
                + status.computeResults().stream()
                        .map(net -> net.netAddress() + " on " + net.numOfHosts() + " hosts")
                        .collect(Collectors.joining(", "))
                + "; attachment definitions in " + ClusterUnderTest.NAMESPACE + " and " + TEAM;
    }

    private String attachmentsMissing() {
        var missing = new ArrayList<>(List.of(ClusterUnderTest.NAMESPACE, TEAM));
        attachments().forEach(one -> missing.remove(one.getMetadata().getNamespace()));
        return missing.isEmpty() ? "" : "none in " + missing;
    }

    private List<GenericKubernetesResource> attachments() {
        return cluster.kubernetes().genericKubernetesResources(ATTACHMENTS).inAnyNamespace().list().getItems().stream()
                .filter(one -> one.getMetadata().getName().equals(StepContext.NETWORK))
                .toList();
    }

    /// The sample network with another plugin.
    private String sample(String plugin) {
        MultiNicNetwork network = cluster.kubernetes()
                .resources(MultiNicNetwork.class)
                .load(cluster.files().sampleNetwork().toFile())
                .item();
        MultiNicNetworkSpec spec = network.getSpec();
        Map<String, String> arguments = plugin.equals("macvlan") ? Map.of("mode", "bridge") : Map.of();
        network.setSpec(MultiNicNetworks.withPlugin(
                spec,
                new PluginSpec(Objects.requireNonNull(spec.plugin()).cniVersion(), plugin, Map.of(), null, arguments)));
        return Serialization.asYaml(network);
    }

    private String deleteNetwork() {
        cluster.kubectl("delete", "multinicnetwork", StepContext.NETWORK, "--timeout=" + GONE.toSeconds() + "s");
        Poll.until("every object of the network removed", GONE, () -> {
            var left = new ArrayList<>(NodeLeftovers.ofNetworks(cluster));
            attachments()
                    .forEach(one -> left.add(
                            "attachment definition in " + one.getMetadata().getNamespace()));
            return String.join("\n", left);
        });
        return "no attachment definition, rule, route or link of it is left";
    }

    private String applyInvalidNetworks() {
        var bad = new LinkedHashMap<String, String>();
        bad.put("subnet: \"192.168.0.0/33\"", "CIDR");
        bad.put("masterNets: [10.0.1.0/24, 10.0.1.0/24]", "twice");
        bad.put("ipam: '{\"type\": \"multi-nic-ipam\", \"hostBlock\": 12, \"interfaceBlock\": 8}'", "do not fit");
        bad.put("ipam: 'no JSON'", "JSON");
        bad.forEach(this::requireRejected);
        return bad.size() + " of " + bad.size() + " rejected, each with its reason";
    }

    private void requireRejected(String field, String reason) {
        Command.Result answer = cluster.apply(withField(field));
        if (answer.ok()) {
            cluster.kubectl("delete", "multinicnetwork", "bad", "--wait=false");
            throw new LabException("kubectl apply accepted a network with " + field);
        }
        cluster.progress()
                .show(("    " + field + "\n        " + answer.err().strip().replace("\n", "\n        ")));
        if (!answer.err().contains(reason)) {
            throw new LabException("the rejection of " + field + " does not contain '" + reason + "': " + answer.err());
        }
    }

    /// A network that is valid except for the field.
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
