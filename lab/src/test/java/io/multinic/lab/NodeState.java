package io.multinic.lab;

import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.Sandbox;
import io.multinic.lab.process.Command;
import java.util.List;
import java.util.stream.Stream;

/// Everything that an attachment could leave behind in a namespace: links, addresses, routes of all tables, rules,
/// neighbours that somebody set.
record NodeState(List<String> lines) {
    static NodeState of(LabNode node) {
        return inside(node.name());
    }

    static NodeState of(Sandbox sandbox) {
        return inside(sandbox.namespace());
    }

    private static NodeState inside(String namespace) {
        return new NodeState(Stream.of(
                        List.of("-brief", "link"),
                        List.of("-brief", "address"),
                        List.of("route", "show", "table", "all"),
                        List.of("rule"),
                        List.of("neighbour", "show", "nud", "permanent"))
                .flatMap(what -> ip(namespace, what))
                .sorted()
                .toList());
    }

    private static Stream<String> ip(String namespace, List<String> what) {
        return Command.of(Stream.concat(Stream.of("ip", "-4", "-netns", namespace), what.stream())
                        .toList())
                .run()
                .orThrow()
                .out()
                .lines()
                .map(String::strip);
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
