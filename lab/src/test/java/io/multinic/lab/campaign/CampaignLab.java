package io.multinic.lab.campaign;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkStatus.ConfigStatus;
import io.multinic.lab.client.MultiNicNetworks;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import io.multinic.lab.services.Lab;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The lab of a campaign: two nodes with two NICs each, three networks with blocks of 64 addresses, and the means for
/// faults: a small disk for each agent's state, a boot id and a clock for each node, a CNI plugin that can hang.
final class CampaignLab implements AutoCloseable {
    /// Pods with a routed veth pair for each NIC.
    static final String ROUTED = "campaign-routed";

    /// Pods with a macvlan interface for each NIC.
    static final String MACVLAN = "campaign-macvlan";

    /// Like MACVLAN, by an executed plugin that can hang.
    static final String EXECUTED = "campaign-executed";

    static final List<String> NETWORKS = List.of(ROUTED, MACVLAN, EXECUTED);

    private static final String PLUGIN = "campaign-plugin";
    private static final String STATE_SIZE = "12m";

    /// For calls while the agent does not run: DEL waits for it.
    private static final String IMPATIENT = "1000";

    private final Lab lab;
    private final MultiNicNetworks networks;

    private CampaignLab(Lab lab) {
        this.lab = lab;
        networks = new MultiNicNetworks(lab.kubernetes());
    }

    static CampaignLab start() {
        LabFiles files = LabFiles.ofThisProcess();
        LabLayout layout = LabLayout.of(2, 2);
        Path preload = compilePreload(files);
        writePlugin(files);
        for (LabNode node : layout.nodes()) {
            Path state = files.directory(node.name(), "state");
            run("mount", "-t", "tmpfs", "-o", "mode=700,size=" + STATE_SIZE, node.name(), state.toString());
            newBoot(files, node);
            setClock(files, node, Duration.ZERO);
        }
        try {
            var progress = new Progress(new PrintStream(files.log("lab").toFile(), StandardCharsets.UTF_8));
            var started = new CampaignLab(
                    Lab.start(files, layout, progress, (node, line) -> command(files, preload, node, line)));
            started.createNetworks();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(LabFiles files, Path preload, LabNode node, List<String> line) {
        var all = new ArrayList<>(List.of(
                "sh",
                "-c",
                "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec \"$@\"",
                bootId(files, node).toString(),
                "env",
                "LD_PRELOAD=" + preload,
                "CLOCK_OFFSET=" + clock(files, node)));
        all.addAll(line);
        all.addAll(List.of(
                "--multi-nic.agent.plugin-timeout=2s",
                "--multi-nic.agent.garbage-interval=200ms",
                "--multi-nic.agent.garbage-wait=500ms",
                "--multi-nic.agent.retry-longest=2s"));
        return all;
    }

    private static Path compilePreload(LabFiles files) {
        Path source = files.directory("preload").resolve("clock-offset.c");
        Path library = source.resolveSibling("clock-offset.so");
        try (InputStream text = CampaignLab.class.getResourceAsStream("clock-offset.c")) {
            if (text == null) {
                throw new LabException("clock-offset.c is not on the class path");
            }
            Files.write(source, text.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run("gcc", "-shared", "-fPIC", "-O2", "-o", library.toString(), source.toString(), "-ldl");
        return library;
    }

    private static void writePlugin(LabFiles files) {
        Path plugin = files.directory("plugins").resolve(PLUGIN);
        write(plugin, """
                #!/bin/sh
                # The macvlan plugin; hangs while the file exists.
                while [ -e '%s' ]; do sleep 0.1; done
                exec /usr/lib/cni/macvlan
                """.formatted(hang(files)).getBytes(StandardCharsets.UTF_8));
        run("chmod", "+x", plugin.toString());
    }

    private void createNetworks() {
        network(ROUTED, "10.64.0.0/20", "l3", "type: ptp");
        network(MACVLAN, "10.65.0.0/20", "l2", "type: macvlan");
        network(EXECUTED, "10.66.0.0/20", "l2", "type: " + PLUGIN + ", args: {mode: bridge}");
        networks.awaitReady(ROUTED);
        NETWORKS.forEach(this::awaitAccepted); // the others have no routes
    }

    private void awaitAccepted(String name) {
        Deadline.await(
                "MultiNicNetwork " + name + " accepted",
                Duration.ofSeconds(60),
                () -> networks.status(name)
                        .filter(status -> status.configStatus() == ConfigStatus.SUCCESS)
                        .isPresent(),
                () -> String.valueOf(networks.status(name)));
    }

    private void network(String name, String subnet, String mode, String plugin) {
        networks.create(Serialization.unmarshal("""
                apiVersion: multinic.fms.io/v1
                kind: MultiNicNetwork
                metadata: {name: "%s"}
                spec:
                  subnet: "%s"
                  ipam: '{"type":"multi-nic-ipam","hostBlock":5,"interfaceBlock":1,"vlanMode":"%s"}'
                  multiNICIPAM: true
                  plugin: {cniVersion: "1.0.0", %s}
                  masterNets: ["10.0.1.0/24", "10.0.2.0/24"]
                """.formatted(name, subnet, mode, plugin), MultiNicNetwork.class));
    }

    /// Additional environment of a CNI call on a node.
    Map<String, String> cniSettings(LabNode node) {
        String path = files().directory("plugins") + ":/usr/lib/cni";
        return lab.agent(node).alive()
                ? Map.of("CNI_PATH", path)
                : Map.of("CNI_PATH", path, "MULTI_NIC_TIMEOUT_MS", IMPATIENT);
    }

    Lab lab() {
        return lab;
    }

    LabFiles files() {
        return lab.files();
    }

    LabNode node(String name) {
        return lab.layout().node(name);
    }

    List<LabNode> nodes() {
        return lab.layout().nodes();
    }

    void startAndAwait(ServiceProcess service) {
        service.start();
        lab.awaitReady(List.of(service));
    }

    /// The directory of the agent's state, on a file system of its own.
    Path state(LabNode node) {
        return files().directory(node.name(), "state");
    }

    /// The file that makes the executed plugin hang.
    Path hang() {
        return hang(files());
    }

    /// Gives the node a new boot id; its agent reads it at its start.
    void newBoot(LabNode node) {
        newBoot(files(), node);
    }

    /// Sets the difference between the clock of the node's agent and that of the machine, at once.
    void setClock(LabNode node, Duration offset) {
        setClock(files(), node, offset);
    }

    private static Path hang(LabFiles files) {
        return files.directory("faults").resolve("hang");
    }

    private static Path bootId(LabFiles files, LabNode node) {
        return files.directory("faults", node.name()).resolve("boot-id");
    }

    private static Path clock(LabFiles files, LabNode node) {
        return files.directory("faults", node.name()).resolve("clock-offset");
    }

    private static void newBoot(LabFiles files, LabNode node) {
        write(bootId(files, node), (UUID.randomUUID() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void setClock(LabFiles files, LabNode node, Duration offset) {
        var bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        write(clock(files, node), bytes.putLong(offset.toSeconds()).array());
    }

    /// Writes in place: the agent has the file mapped.
    private static void write(Path file, byte[] content) {
        try {
            if (Files.exists(file)) {
                try (var open = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
                    open.write(ByteBuffer.wrap(content));
                }
            } else {
                Files.write(file, content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void run(String... command) {
        Command.of(command).run().orThrow();
    }

    @Override
    public void close() {
        lab.close();
    }
}
