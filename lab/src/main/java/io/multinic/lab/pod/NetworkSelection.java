package io.multinic.lab.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One entry of the pod annotation `k8s.v1.cni.cncf.io/networks`, as the Network Plumbing Working Group defines it.
///
/// `ifName` is `net1`, `net2`, … by position unless the entry names one; `cniArgs` is a missing node if the entry has
/// none.
public record NetworkSelection(String namespace, String name, String ifName, JsonNode cniArgs, List<String> ips) {
    private static final Pattern SHORT = Pattern.compile("(?:(?<ns>[^/@]+)/)?(?<name>[^/@]+)(?:@(?<if>.+))?");

    public NetworkSelection {
        ips = List.copyOf(ips);
    }

    /// @param annotation a JSON list, or `name,namespace/name@interface,…`
    public static List<NetworkSelection> parse(String annotation, String podNamespace) {
        var selections = new ArrayList<NetworkSelection>();
        if (annotation.strip().startsWith("[")) {
            for (JsonNode entry : Serialization.unmarshal(annotation, JsonNode.class)) {
                var ips = new ArrayList<String>();
                entry.path("ips").forEach(ip -> ips.add(ip.asText()));
                selections.add(new NetworkSelection(
                        entry.path("namespace").asText(podNamespace),
                        entry.path("name").asText(),
                        entry.path("interface").asText("net" + (selections.size() + 1)),
                        entry.path("cni-args"),
                        ips));
            }
            return selections;
        }
        for (String item : annotation.split(",", -1)) {
            Matcher matcher = SHORT.matcher(item.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not a network selection: " + item);
            }
            String namespace = matcher.group("ns");
            String ifName = matcher.group("if");
            selections.add(new NetworkSelection(
                    namespace == null ? podNamespace : namespace,
                    matcher.group("name"),
                    ifName == null ? "net" + (selections.size() + 1) : ifName,
                    MissingNode.getInstance(),
                    List.of()));
        }
        return selections;
    }
}
