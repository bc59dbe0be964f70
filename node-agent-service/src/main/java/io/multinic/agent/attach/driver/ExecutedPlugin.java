package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.Link;
import io.multinic.contract.address.PrefixedAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Any other CNI plugin: its program is run once for each interface, side by side.
///
/// It gets the network's `plugin` section with the NIC as `master`, and an `ipam` section: `static` with our addresses,
/// or the network's own as it is.
public final class ExecutedPlugin implements InterfaceDriver {
    private final PluginProcess process;
    private final DriverConfig.Executed wiring;
    private final AttachmentKey key;
    private final String network;
    private final @Nullable AttachmentResult recorded;

    /// @param recorded what ADD answered, if it did: DEL and CHECK pass it on as `prevResult`
    ExecutedPlugin(
            PluginProcess process,
            DriverConfig.Executed wiring,
            AttachmentKey key,
            String network,
            @Nullable AttachmentResult recorded) {
        this.process = process;
        this.wiring = wiring;
        this.key = key;
        this.network = network;
        this.recorded = recorded;
    }

    @Override
    public Attached attach(OpenSandbox sandbox, List<PodInterface> interfaces) {
        List<JsonNode> results = sideBySide(interfaces.stream()
                .<Callable<JsonNode>>map(podInterface -> () -> run("ADD", sandbox.path(), podInterface))
                .toList());
        List<AttachedInterface> attached = new ArrayList<>();
        List<List<PrefixedAddress>> addresses = new ArrayList<>();
        for (int i = 0; i < interfaces.size(); i++) {
            attached.add(described(sandbox, interfaces.get(i), results.get(i)));
            addresses.add(wiring.ownAddresses() ? interfaces.get(i).addresses() : addresses(results.get(i)));
        }
        return new Attached(attached, addresses, List.of());
    }

    private static AttachedInterface described(OpenSandbox sandbox, PodInterface podInterface, JsonNode result) {
        Optional<Link> link = sandbox.stack().link(podInterface.name());
        return link.map(found -> NetlinkDriver.described(found, sandbox.path()))
                .map(found -> new AttachedInterface(found.name(), found.mac(), found.mtu(), found.sandbox(), result))
                .orElseGet(() -> new AttachedInterface(podInterface.name(), "", 0, sandbox.path(), result));
    }

    private static List<PrefixedAddress> addresses(JsonNode result) {
        List<PrefixedAddress> addresses = new ArrayList<>();
        for (JsonNode ip : result.path("ips")) {
            addresses.add(PrefixedAddress.parse(ip.path("address").asString("")));
        }
        return addresses;
    }

    @Override
    public void detach(Optional<OpenSandbox> sandbox, List<PodInterface> interfaces) {
        String netns = sandbox.map(OpenSandbox::path).orElse("");
        sideBySide(interfaces.reversed().stream()
                .<Callable<JsonNode>>map(podInterface -> () -> run("DEL", netns, podInterface))
                .toList());
    }

    /// A plugin older than CHECK (0.4.0) is asked nothing; that its interface exists is looked up for all.
    @Override
    public List<String> defects(OpenSandbox sandbox, List<PodInterface> interfaces, AttachmentResult attached) {
        List<String> defects = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            if (sandbox.stack().link(podInterface.name()).isEmpty()) {
                defects.add("interface " + podInterface.name() + " is missing");
            }
        }
        return defects;
    }

    private JsonNode run(String command, String netns, PodInterface podInterface) {
        return process.run(
                new PluginProcess.Call(
                        command,
                        wiring.type(),
                        key.containerId(),
                        netns,
                        podInterface.name(),
                        wiring.args(),
                        wiring.path()),
                config(command, podInterface));
    }

    private ObjectNode config(String command, PodInterface podInterface) {
        ObjectNode config = wiring.config().deepCopy();
        config.put("name", network);
        config.put("type", wiring.type());
        config.put("master", podInterface.nic());
        if (wiring.type().equals("host-device") && !namesItsDevice(config)) {
            config.put("device", podInterface.nic());
        }
        if (wiring.ownAddresses()) {
            var ipam = config.putObject("ipam");
            ipam.put("type", "static");
            var addresses = ipam.putArray("addresses");
            podInterface.addresses().forEach(address -> addresses.addObject().put("address", address.toString()));
        } else {
            config.set("ipam", wiring.ipam());
        }
        if (!command.equals("ADD")) {
            previousResult(podInterface).ifPresent(result -> config.set("prevResult", result));
        }
        return config;
    }

    private static boolean namesItsDevice(ObjectNode config) {
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

    /// Runs all to their end, also after one has failed, so that nobody works on when the caller undoes.
    private static List<JsonNode> sideBySide(List<Callable<JsonNode>> calls) {
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
