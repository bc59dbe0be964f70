package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.DelegatedIpam;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Driver that executes a CNI plugin, once for each interface, in parallel.
///
/// The plugin's configuration is the network's `plugin` section with the NIC as `master`, and an `ipam` section:
/// `static` with the addresses of the attachment, or the network's own section unchanged.
///
/// Many plugins refuse DEL if their NIC is missing. If the interface has vanished with the NIC and the addresses are
/// this
/// node's, nothing is left for the plugin to do, and the refusal is ignored.
public final class ExecutedPluginDriver implements InterfaceDriver {
    private static final Logger log = LoggerFactory.getLogger(ExecutedPluginDriver.class);

    private final NetworkStack host;
    private final PluginRunner plugins;
    private final DriverConfig.Executed driverConfig;
    private final AttachmentKey key;
    private final String network;
    private final @Nullable AttachmentResult recorded;

    /// @param recorded result of ADD, passed on as `prevResult` by DEL; null if ADD has not completed
    ExecutedPluginDriver(
            NetworkStack host,
            PluginRunner plugins,
            DriverConfig.Executed driverConfig,
            AttachmentKey key,
            String network,
            @Nullable AttachmentResult recorded) {
        this.host = host;
        this.plugins = plugins;
        this.driverConfig = driverConfig;
        this.key = key;
        this.network = network;
        this.recorded = recorded;
    }

    @Override
    public Attached attach(OpenSandbox sandbox, List<PodInterface> interfaces) {
        List<JsonNode> results = runInParallel(interfaces.stream()
                .<Callable<JsonNode>>map(podInterface -> () -> run("ADD", sandbox.path(), podInterface))
                .toList());
        List<AttachedInterface> attached = new ArrayList<>();
        for (int i = 0; i < interfaces.size(); i++) {
            attached.add(described(sandbox, interfaces.get(i), results.get(i)));
        }
        PodLinks.announce(
                sandbox,
                interfaces.stream()
                        .flatMap(podInterface -> sandbox.stack().link(podInterface.name()).stream())
                        .toList());
        return new PluginResults(results)
                .attached(attached, driverConfig.ownAddresses() ? Attached.requestedAddresses(interfaces) : null);
    }

    private static AttachedInterface described(OpenSandbox sandbox, PodInterface podInterface, JsonNode result) {
        Optional<Link> link = sandbox.stack().link(podInterface.name());
        return link.map(found -> PodLinks.described(found, sandbox.path()))
                .map(found -> new AttachedInterface(found.name(), found.mac(), found.mtu(), found.sandbox(), result))
                .orElseGet(() -> new AttachedInterface(podInterface.name(), "", 0, sandbox.path(), result));
    }

    @Override
    public void detach(Optional<OpenSandbox> sandbox, List<PodInterface> interfaces) {
        runInParallel(interfaces.reversed().stream()
                .<Callable<JsonNode>>map(podInterface -> () -> delete(sandbox, podInterface))
                .toList());
    }

    private JsonNode delete(Optional<OpenSandbox> sandbox, PodInterface podInterface) {
        try {
            return run("DEL", sandbox.map(OpenSandbox::path).orElse(""), podInterface);
        } catch (MultiNicException e) {
            boolean vanished = sandbox.flatMap(pod -> pod.stack().link(podInterface.name()))
                            .isEmpty()
                    && host.link(podInterface.nic()).isEmpty();
            if (!vanished || !driverConfig.ownAddresses()) {
                throw e;
            }
            log.atWarn()
                    .addKeyValue("attachment", key)
                    .addKeyValue("nic", podInterface.nic())
                    .addKeyValue("interface", podInterface.name())
                    .addKeyValue("reason", e.getMessage())
                    .log("plugin refuses DEL without its NIC; ignored, because the interface vanished with the NIC");
            return NullNode.getInstance();
        }
    }

    @Override
    public void check(OpenSandbox sandbox, List<PodInterface> interfaces) {
        if (PluginVersions.knows(driverConfig, "CHECK")) {
            runInParallel(interfaces.stream()
                    .<Callable<JsonNode>>map(podInterface -> () -> run("CHECK", sandbox.path(), podInterface))
                    .toList());
        }
    }

    private JsonNode run(String command, String netns, PodInterface podInterface) {
        return plugins.run(
                new PluginRunner.Call(
                        command,
                        driverConfig.type(),
                        key.containerId(),
                        netns,
                        podInterface.name(),
                        driverConfig.argsOf(podInterface.name()),
                        driverConfig.path()),
                config(command, podInterface));
    }

    private ObjectNode config(String command, PodInterface podInterface) {
        ObjectNode config = driverConfig.configOf(podInterface.name());
        config.put("name", network);
        config.put("type", driverConfig.type());
        config.put("master", podInterface.nic());
        if (driverConfig.type().equals("host-device") && !hasDeviceKey(config)) {
            config.put("device", podInterface.nic());
        }
        if (driverConfig.ownAddresses()) {
            var ipam = config.putObject("ipam");
            ipam.put("type", "static");
            var addresses = ipam.putArray("addresses");
            podInterface.addresses().forEach(address -> addresses.addObject().put("address", address.toString()));
        } else {
            config.set("ipam", DelegatedIpam.parse(network, driverConfig.ipam()).of(podInterface.nic()));
        }
        if (!command.equals("ADD")) {
            previousResult(podInterface).ifPresent(result -> config.set("prevResult", result));
        }
        return config;
    }

    private static boolean hasDeviceKey(ObjectNode config) {
        return config.has("device") || config.has("hwaddr") || config.has("kernelpath") || config.has("pciBusID");
    }

    private Optional<JsonNode> previousResult(PodInterface podInterface) {
        return Optional.ofNullable(recorded).stream()
                .flatMap(result -> result.interfaces().stream())
                .filter(attached -> attached.name().equals(podInterface.name()))
                .map(AttachedInterface::pluginResult)
                .flatMap(result -> Optional.ofNullable(result).stream())
                .findFirst();
    }

    /// Waits for all calls, also after one has failed, so that none is running when the caller undoes.
    private static List<JsonNode> runInParallel(List<Callable<JsonNode>> calls) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<JsonNode> results = new ArrayList<>();
            RuntimeException failure = null;
            for (Future<JsonNode> result : threads.invokeAll(calls)) {
                try {
                    results.add(result.get());
                } catch (ExecutionException e) {
                    var cause = e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e);
                    if (failure == null) {
                        failure = cause;
                    } else {
                        failure.addSuppressed(cause);
                    }
                }
            }
            if (failure != null) {
                throw failure;
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while CNI plugins ran", e);
        }
    }
}
