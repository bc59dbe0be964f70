package io.multinic.lab.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.lab.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Calls a CNI plugin as Multus does: a new process with the network configuration on standard input (the pod's
/// cni-args
/// in `args.cni`), and the CNI environment variables with the pod in CNI_ARGS.
public final class CniRuntime {
    private static final Duration LIMIT = Duration.ofSeconds(130);

    private final Path plugin;
    private final Path socket;

    /// @param socket the socket of the node's agent
    public CniRuntime(Path plugin, Path socket) {
        this.plugin = plugin;
        this.socket = socket;
    }

    /// One attachment of a pod: the input of ADD, CHECK and DEL.
    public record Attachment(
            PodSandbox sandbox, String podNamespace, String podName, String podUid, String ifName, String config) {}

    public CniAnswer add(Attachment attachment) {
        return answer(start("ADD", attachment));
    }

    public CniAnswer delete(Attachment attachment) {
        return answer(start("DEL", attachment));
    }

    /// DEL with an empty CNI_NETNS, as after the namespace was removed.
    public CniAnswer deleteWithoutNamespace(Attachment attachment) {
        var environment = new LinkedHashMap<>(environment("DEL", attachment));
        environment.put("CNI_NETNS", "");
        return call(environment, attachment.config());
    }

    public CniAnswer check(Attachment attachment, CniAnswer previous) {
        ObjectNode config = (ObjectNode) Serialization.unmarshal(attachment.config(), JsonNode.class);
        config.set("prevResult", previous.json());
        return call(environment("CHECK", attachment), Serialization.asJson(config));
    }

    /// A call with arbitrary environment and input, also invalid ones.
    public CniAnswer call(Map<String, String> environment, String input) {
        return answer(command(environment, input).start());
    }

    /// Starts a call without waiting for its answer.
    public Command.Running start(String verb, Attachment attachment) {
        return command(environment(verb, attachment), attachment.config()).start();
    }

    public static CniAnswer answer(Command.Running running) {
        return CniAnswer.of(running.await());
    }

    public Map<String, String> environment(String verb, Attachment attachment) {
        String pod = "IgnoreUnknown=true;K8S_POD_NAMESPACE=" + attachment.podNamespace() + ";K8S_POD_NAME="
                + attachment.podName() + ";K8S_POD_INFRA_CONTAINER_ID="
                + attachment.sandbox().containerId() + ";K8S_POD_UID=" + attachment.podUid();
        return Map.of(
                "CNI_COMMAND",
                verb,
                "CNI_CONTAINERID",
                attachment.sandbox().containerId(),
                "CNI_NETNS",
                attachment.sandbox().path().toString(),
                "CNI_IFNAME",
                attachment.ifName(),
                "CNI_ARGS",
                pod,
                "CNI_PATH",
                plugin.getParent() + ":/usr/lib/cni:/opt/cni/bin");
    }

    private Command command(Map<String, String> environment, String input) {
        var all = new LinkedHashMap<>(environment);
        all.put("MULTI_NIC_SOCKET", socket.toString());
        return Command.of(plugin.toString())
                .withEnvironment(all)
                .withInput(input)
                .withTimeout(LIMIT);
    }

    /// The configuration of a NetworkAttachmentDefinition, merged with the arguments of the pod's selection.
    public static String merged(String config, NetworkSelection selection) {
        ObjectNode merged = (ObjectNode) Serialization.unmarshal(config, JsonNode.class);
        if (selection.cniArgs() instanceof ObjectNode args) {
            merged.withObject("/args").withObject("/cni").setAll(args);
        }
        if (!selection.ips().isEmpty()) {
            ArrayNode ips = merged.withObject("/runtimeConfig").withArray("/ips");
            List.copyOf(selection.ips()).forEach(ips::add);
        }
        return Serialization.asJson(merged);
    }
}
