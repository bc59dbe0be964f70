package io.multinic.lab.client;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkSpec;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.ConfigStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.RouteStatus;
import io.multinic.contract.crd.PluginSpec;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// A client of MultiNicNetwork resources: creates networks and waits for their status.
public final class MultiNicNetworks {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String PROBE = "ipvlan-probe";

    private final KubernetesClient kubernetes;

    public MultiNicNetworks(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    /// The network in the file. If it uses ipvlan and this kernel has no ipvlan, the plugin is replaced by ptp.
    public static MultiNicNetwork sample(KubernetesClient kubernetes, Path file) {
        MultiNicNetwork network =
                kubernetes.resources(MultiNicNetwork.class).load(file.toFile()).item();
        PluginSpec plugin = Objects.requireNonNull(network.getSpec().plugin());
        if (plugin.type().equals("ipvlan") && !kernelHasIpvlan()) {
            network.setSpec(withPlugin(
                    network.getSpec(),
                    new PluginSpec(plugin.cniVersion(), "ptp", plugin.capabilities(), plugin.dns(), Map.of())));
        }
        return network;
    }

    public static MultiNicNetworkSpec withPlugin(MultiNicNetworkSpec spec, PluginSpec plugin) {
        return new MultiNicNetworkSpec(
                spec.subnet(),
                spec.masterNets(),
                spec.ipam(),
                spec.multiNicIpam(),
                plugin,
                spec.attachPolicy(),
                spec.namespaces());
    }

    /// Tries to create an ipvlan link in a temporary namespace.
    public static boolean kernelHasIpvlan() {
        Command.of("ip", "netns", "add", PROBE).run().orThrow();
        try {
            Command.of("ip", "-netns", PROBE, "link", "add", "nic", "type", "veth", "peer", "name", "far")
                    .run()
                    .orThrow();
            return Command.of(
                            "ip", "-netns", PROBE, "link", "add", "pod", "link", "nic", "type", "ipvlan", "mode", "l3")
                    .run()
                    .ok();
        } finally {
            Command.of("ip", "netns", "delete", PROBE).run().orThrow();
        }
    }

    public MultiNicNetwork create(MultiNicNetwork network) {
        return kubernetes.resource(network).create();
    }

    public Optional<MultiNicNetworkStatus> status(String name) {
        return Optional.ofNullable(kubernetes
                        .resources(MultiNicNetwork.class)
                        .withName(name)
                        .get())
                .map(MultiNicNetwork::getStatus);
    }

    private String describe(String name) {
        return status(name)
                .map(status -> "config " + status.configStatus() + ", routes " + status.routeStatus() + ": "
                        + status.message())
                .orElse("it has no status: does the controller run?");
    }

    /// Waits until the network is accepted and its routes are in place on every host.
    ///
    /// @throws io.multinic.lab.process.LabException with the last status
    public MultiNicNetworkStatus awaitReady(String name) {
        Deadline.await(
                "MultiNicNetwork " + name + " with its routes in place",
                LIMIT,
                () -> status(name)
                        .filter(status -> status.configStatus() == ConfigStatus.SUCCESS)
                        .filter(status -> status.routeStatus() == RouteStatus.SUCCESS)
                        .isPresent(),
                () -> describe(name));
        return status(name).orElseThrow();
    }

    /// Waits until the network is rejected.
    public MultiNicNetworkStatus awaitFailed(String name) {
        Deadline.await(
                "MultiNicNetwork " + name + " rejected",
                LIMIT,
                () -> status(name)
                        .filter(status -> status.configStatus() == ConfigStatus.FAILED)
                        .isPresent(),
                () -> describe(name));
        return status(name).orElseThrow();
    }
}
