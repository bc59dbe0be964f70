package io.multinic.lab.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.lab.process.Command;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Links and IPv4 addresses of network namespaces, and routes of those of nodes, as iproute2 shows them.
record KernelFacts(Map<String, Namespace> namespaces) {
    private static final String SCRIPT = """
            for name in "$@"; do
                echo "@$name"
                ip -netns "$name" -json address 2>/dev/null
                case $name in pod-*) ;; *) ip -netns "$name" -4 -json route show table all ;; esac
            done
            """;

    KernelFacts {
        namespaces = Map.copyOf(namespaces);
    }

    /// @param links the names of all links
    /// @param addresses without prefix length, without those of the loopback network
    record Namespace(List<String> links, List<String> addresses, List<RouteEntry> routes) {
        static final Namespace EMPTY = new Namespace(List.of(), List.of(), List.of());

        Namespace {
            links = List.copyOf(links);
            addresses = List.copyOf(addresses);
            routes = List.copyOf(routes);
        }
    }

    record RouteEntry(String destination, String link, String protocol) {}

    /// Reads the namespaces with these names; one that does not exist is empty.
    static KernelFacts read(List<String> names) {
        List<String> output = Command.of(Stream.concat(Stream.of("sh", "-c", SCRIPT, "sh"), names.stream())
                        .toList())
                .run()
                .orThrow()
                .out()
                .lines()
                .toList();
        Map<String, List<JsonNode>> read = new LinkedHashMap<>();
        List<JsonNode> current = new ArrayList<>();
        for (String line : output) {
            if (line.startsWith("@")) {
                current = new ArrayList<>();
                read.put(line.substring(1), current);
            } else {
                current.add(Serialization.unmarshal(line, JsonNode.class));
            }
        }
        Map<String, Namespace> namespaces = new LinkedHashMap<>();
        read.forEach((name, parts) -> namespaces.put(name, namespace(parts)));
        return new KernelFacts(namespaces);
    }

    Namespace of(String name) {
        return namespaces.getOrDefault(name, Namespace.EMPTY);
    }

    private static Namespace namespace(List<JsonNode> parts) {
        var links = new ArrayList<String>();
        var addresses = new ArrayList<String>();
        for (JsonNode link : parts.isEmpty() ? List.<JsonNode>of() : parts.get(0)) {
            links.add(link.path("ifname").asText());
            for (JsonNode info : link.path("addr_info")) {
                String address = info.path("local").asText();
                if (info.path("family").asText().equals("inet") && !address.startsWith("127.")) {
                    addresses.add(address);
                }
            }
        }
        var routes = new ArrayList<RouteEntry>();
        for (JsonNode route : parts.size() < 2 ? List.<JsonNode>of() : parts.get(1)) {
            routes.add(new RouteEntry(
                    route.path("dst").asText(),
                    route.path("dev").asText(),
                    route.path("protocol").asText()));
        }
        return new Namespace(links, addresses, routes);
    }
}
