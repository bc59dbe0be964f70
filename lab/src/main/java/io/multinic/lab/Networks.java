package io.multinic.lab;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkSpec;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.ConfigStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.RouteStatus;
import io.multinic.contract.crd.PluginSpec;
import io.multinic.lab.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// MultiNicNetworks as their user handles them: applied, watched until they are settled.
public final class Networks {
    private static final Duration SETTLED = Duration.ofSeconds(60);
    private static final String PROBE = "ipvlan-probe";

    private final KubernetesClient kubernetes;

    public Networks(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    /// The network in the file; where this kernel has no ipvlan and the file asks for it, the same with ptp.
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

    /// Found out by making one.
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

    private String seen(String name) {
        return status(name)
                .map(status -> "config " + status.configStatus() + ", routes " + status.routeStatus() + ": "
                        + status.message())
                .orElse("it has no status: does the controller run?");
    }

    /// Waits until the network is accepted and its routes are seen on every host.
    ///
    /// @throws LabException with the last status
    public MultiNicNetworkStatus awaitReady(String name) {
        Deadline.await(
                "MultiNicNetwork " + name + " with its routes in place",
                SETTLED,
                () -> status(name)
                        .filter(status -> status.configStatus() == ConfigStatus.SUCCESS)
                        .filter(status -> status.routeStatus() == RouteStatus.SUCCESS)
                        .isPresent(),
                () -> seen(name));
        return status(name).orElseThrow();
    }

    /// Waits until the network is refused.
    public MultiNicNetworkStatus awaitFailed(String name) {
        Deadline.await(
                "MultiNicNetwork " + name + " refused",
                SETTLED,
                () -> status(name)
                        .filter(status -> status.configStatus() == ConfigStatus.FAILED)
                        .isPresent(),
                () -> seen(name));
        return status(name).orElseThrow();
    }
}
