package io.multinic.lab.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.lab.layout.LabNetwork;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.layout.LabNode.NodeNic;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The faults of nodes and services, and their ends.
///
/// A renamed NIC gets its name back some steps later: the agent knows a NIC by its name.
final class NodeFaults {
    /// Names of NICs while they are renamed.
    private static final String RENAMED = "old";

    private static final int LARGEST_JUMP_SECONDS = 3600;
    private static final String HOST_ROUTES = "139";
    private static final String POD_ROUTES = "140";
    private static final int FIRST_TABLE = 13_900;
    private static final int LAST_TABLE = 32_765;

    private final CampaignLab campaign;
    private final PodCalls calls;

    NodeFaults(CampaignLab campaign, PodCalls calls) {
        this.campaign = campaign;
        this.calls = calls;
    }

    void execute(CampaignStep step) {
        switch (step.kind()) {
            case KILL_AGENT -> agent(step).kill();
            case START_AGENT -> campaign.startAndAwait(agent(step));
            case CRASH_NODE -> crash(step);
            case HANG_PLUGIN -> write(campaign.hang());
            case RESUME_PLUGIN -> delete(campaign.hang());
            case FILL_DISK -> fill(filler(step));
            case FREE_DISK -> delete(filler(step));
            case KILL_IPAM -> campaign.lab().ipam().kill();
            case START_IPAM -> campaign.startAndAwait(campaign.lab().ipam());
            case JUMP_CLOCK -> campaign.setClock(node(step), jump(step));
            case RESTORE_CLOCK -> campaign.setClock(node(step), Duration.ZERO);
            case REMOVE_HOST_ROUTES -> removeHostRoutes(step);
            case REMOVE_POD_ROUTES -> removePodRoutes(step);
            case CHANGE_SYSCTLS -> changeSysctls(step);
            default -> changeNic(step);
        }
    }

    private void changeNic(CampaignStep step) {
        NodeNic nic = nic(step);
        String renamed = RENAMED + nic.name();
        switch (step.kind()) {
            case NIC_DOWN -> onNode(step, "link set " + nic.name() + " down");
            case NIC_UP -> onNode(step, "link set " + nic.name() + " up");
            case CABLE_OUT -> CampaignLab.run("ip", "link", "set", LabNetwork.port(node(step), nic), "down");
            case CABLE_IN -> CampaignLab.run("ip", "link", "set", LabNetwork.port(node(step), nic), "up");
            case RENAME_NIC -> rename(step, nic.name(), renamed);
            case RENAME_BACK -> rename(step, renamed, nic.name());
            case RECREATE_NIC -> {
                onNode(step, "link delete " + nic.name());
                LabNetwork.create(node(step), nic);
                calls.loseInterfaces(step.node());
            }
            default -> throw new IllegalArgumentException(step.toString());
        }
    }

    private void rename(CampaignStep step, String from, String to) {
        onNode(step, "link set " + from + " down");
        onNode(step, "link set " + from + " name " + to);
        onNode(step, "link set " + to + " up");
    }

    /// Ends all processes and namespaces of the node and starts it with a new boot id. Its pods get new sandboxes, with
    /// DEL of the old ones before or after, or without; some of them are deleted meanwhile.
    private void crash(CampaignStep step) {
        LabNode node = node(step);
        ServiceProcess agent = agent(step);
        List<CampaignPod> pods = calls.pods().stream()
                .filter(pod -> pod.node().equals(node.name()))
                .toList();
        agent.kill();
        pods.forEach(calls::removeSandbox);
        LabNetwork.remove(node);
        LabNetwork.create(campaign.lab().layout(), node);
        campaign.newBoot(node);
        campaign.startAndAwait(agent);
        for (int i = 0; i < pods.size(); i++) {
            if (pods.get(i).live()) {
                afterCrash(pods.get(i), step, step.pick() >> (2 * i) & 3);
            }
        }
    }

    private void afterCrash(CampaignPod pod, CampaignStep step, int variant) {
        switch (variant) {
            case 0 -> {
                calls.end(pod, false);
                calls.restart(pod, step.number());
            }
            case 1 -> {
                calls.restart(pod, step.number());
                calls.end(pod, false);
            }
            case 2 -> {
                calls.lose(pod, false);
                calls.restart(pod, step.number());
            }
            default -> calls.lose(pod, true);
        }
    }

    private static void fill(Path file) {
        for (String size : List.of("64k", "1k")) {
            // It ends with an error: no space is left.
            Command.of("dd", "if=/dev/zero", "of=" + file, "bs=" + size, "oflag=append", "conv=notrunc")
                    .run();
        }
    }

    private Path filler(CampaignStep step) {
        return campaign.state(node(step)).resolve("filler");
    }

    private static Duration jump(CampaignStep step) {
        int seconds = step.pick() % (2 * LARGEST_JUMP_SECONDS) - LARGEST_JUMP_SECONDS;
        return Duration.ofSeconds(seconds);
    }

    /// Removes the routes to other nodes, or the rules that lead to them.
    private void removeHostRoutes(CampaignStep step) {
        if (step.pick() % 2 == 0) {
            onNode(step, "route flush table all proto " + HOST_ROUTES);
            return;
        }
        for (JsonNode rule : read(step, "rule")) {
            int table = rule.path("table").asInt(rule.path("priority").asInt());
            if (table >= FIRST_TABLE && table <= LAST_TABLE) {
                onNode(step, "rule delete priority " + rule.path("priority").asInt());
            }
        }
    }

    /// Removes the routes to pods, or all routes of a table that has some.
    private void removePodRoutes(CampaignStep step) {
        var tables = new TreeSet<String>();
        for (JsonNode route : read(step, "route", "show", "table", "all", "proto", POD_ROUTES)) {
            tables.add(route.path("table").asText());
        }
        if (step.pick() % 2 == 0) {
            onNode(step, "route flush table all proto " + POD_ROUTES);
        } else {
            tables.forEach(table -> onNode(step, "route flush table " + table));
        }
    }

    /// Switches off forwarding of the node or of a NIC, or proxy ARP of host ends.
    private void changeSysctls(CampaignStep step) {
        var settings = new ArrayList<String>();
        switch (step.pick() % 3) {
            case 0 -> settings.add("net.ipv4.ip_forward=0");
            case 1 -> settings.add("net.ipv4.conf." + nic(step).name() + ".forwarding=0");
            default ->
                KernelFacts.read(List.of(step.node())).of(step.node()).links().stream()
                        .filter(link -> link.startsWith("mnv"))
                        .forEach(link -> settings.add("net.ipv4.conf." + link + ".proxy_arp=0"));
        }
        if (!settings.isEmpty()) {
            Command.of(node(step)
                            .inside(Stream.concat(Stream.of("sysctl", "-qw"), settings.stream())
                                    .toList()))
                    .run()
                    .orThrow();
        }
    }

    /// A command of iproute2 on the node.
    private static void onNode(CampaignStep step, String arguments) {
        Command.of("ip", "-netns", step.node(), "-batch", "-")
                .withInput(arguments)
                .run()
                .orThrow();
    }

    private static JsonNode read(CampaignStep step, String... arguments) {
        String json = Command.of(
                        Stream.concat(Stream.of("ip", "-netns", step.node(), "-4", "-json"), Stream.of(arguments))
                                .toList())
                .run()
                .orThrow()
                .out();
        return Serialization.unmarshal(json, JsonNode.class);
    }

    private ServiceProcess agent(CampaignStep step) {
        return campaign.lab().agent(node(step));
    }

    private LabNode node(CampaignStep step) {
        return campaign.node(step.node());
    }

    private NodeNic nic(CampaignStep step) {
        List<NodeNic> nics = node(step).nics();
        return nics.get(step.pick() % nics.size());
    }

    private static void write(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
