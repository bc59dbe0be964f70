package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.state.Deviation;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkStack;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Provides the driver for each kind of driver configuration.
public final class InterfaceDrivers implements AutoCloseable {
    private final Kernel kernel;
    private final NetworkStack host;
    private final PluginRunner plugins;
    private final AttachmentObserver observer;

    /// @param pluginTimeout limit for one execution of a plugin
    /// @param pluginPath directories of plugins in addition to CNI_PATH
    public InterfaceDrivers(Kernel kernel, JsonMapper json, Duration pluginTimeout, List<String> pluginPath) {
        this.kernel = kernel;
        this.plugins = new PluginRunner(json, pluginTimeout, pluginPath);
        try (var own = kernel.ownNamespace()) {
            this.host = kernel.open(own);
        }
        this.observer = new AttachmentObserver(kernel, host);
    }

    /// @param recorded result of ADD; null if ADD has not completed
    public InterfaceDriver driver(DriverConfig config, Attachment attachment, @Nullable AttachmentResult recorded) {
        return switch (config) {
            case DriverConfig.ChildLink child -> new ChildLinkDriver(host, child);
            case DriverConfig.RoutedVeth veth ->
                new RoutedVethDriver(host, new HostEnds(kernel, host, veth.table()), veth);
            case DriverConfig.Executed executed ->
                new ExecutedPluginDriver(
                        host,
                        plugins,
                        executed,
                        attachment.key(),
                        attachment.intent().network(),
                        recorded);
        };
    }

    /// Observes attachments.
    public AttachmentObserver observer() {
        return observer;
    }

    /// Texts of all differences between an attachment and its plan; empty if there is none.
    ///
    /// @param interfaces those of the plan, with their addresses
    public List<String> defects(AttachmentPlan plan, List<PodInterface> interfaces, OpenSandbox sandbox) {
        return observer.deviations(plan, interfaces, sandbox).stream()
                .map(Deviation::text)
                .toList();
    }

    /// Repairs an attachment as far as possible.
    public AttachmentRepair.Report repair(
            AttachmentPlan plan, Attachment attachment, AttachmentResult result, OpenSandbox sandbox) {
        int table = plan.driver() instanceof DriverConfig.RoutedVeth veth ? veth.table() : 0;
        var driver = driver(plan.driver(), attachment, result);
        return new AttachmentRepair(kernel, host, observer, driver, new HostEnds(kernel, host, table))
                .run(plan, plan.interfaces(attachment.allocations()), result, sandbox);
    }

    /// The number of a sandbox's namespace in that of the node; see [NetworkStack#namespaceId].
    public int namespaceId(OpenSandbox sandbox) {
        return host.namespaceId(sandbox.namespace());
    }

    /// Refuses a configuration whose interfaces could be neither created nor removed; called before anything is
    /// recorded.
    ///
    /// @throws io.multinic.contract.error.MultiNicException PLUGIN_NOT_FOUND
    public void requirePresent(DriverConfig config) {
        if (config instanceof DriverConfig.Executed executed) {
            plugins.program(executed.type(), executed.path());
        }
    }

    /// Executes STATUS of a network's plugin, if its version of CNI has that verb.
    ///
    /// @throws io.multinic.contract.error.MultiNicException PLUGIN_NOT_FOUND or PLUGIN_FAILED
    public void status(String network, DriverConfig.Executed plugin) {
        if (PluginVersions.knows(plugin, "STATUS")) {
            new NetworkPluginCalls(plugins, network, plugin).status();
        }
    }

    /// Executes GC of a network's plugin, if its version of CNI has that verb.
    ///
    /// @param valid the interfaces that exist, with the plugin's own names
    /// @throws io.multinic.contract.error.MultiNicException PLUGIN_NOT_FOUND or PLUGIN_FAILED
    public void collectGarbage(String network, DriverConfig.Executed plugin, List<AttachmentKey> valid) {
        if (PluginVersions.knows(plugin, "GC")) {
            new NetworkPluginCalls(plugins, network, plugin).collectGarbage(valid);
        }
    }

    /// Removes links by their names, for attachments whose driver configuration is unknown: those that only the
    /// ledger knew. Links of kinds that the built-in drivers do not create stay.
    public InterfaceRemover byName() {
        return (sandbox, interfaces) -> {
            PodLinks.delete(sandbox, interfaces);
            HostEnds.delete(host, interfaces);
        };
    }

    @Override
    public void close() {
        host.close();
    }
}
