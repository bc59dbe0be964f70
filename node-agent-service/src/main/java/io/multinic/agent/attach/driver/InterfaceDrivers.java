package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.journal.Attachment;
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

    /// @param pluginTimeout limit for one execution of a plugin
    /// @param pluginPath directories of plugins in addition to CNI_PATH
    public InterfaceDrivers(Kernel kernel, JsonMapper json, Duration pluginTimeout, List<String> pluginPath) {
        this.kernel = kernel;
        this.plugins = new PluginRunner(json, pluginTimeout, pluginPath);
        try (var own = kernel.ownNamespace()) {
            this.host = kernel.open(own);
        }
    }

    /// @param recorded result of ADD; null if ADD has not completed
    public InterfaceDriver driver(DriverConfig config, Attachment attachment, @Nullable AttachmentResult recorded) {
        return switch (config) {
            case DriverConfig.ChildLink child -> new ChildLinkDriver(host, child);
            case DriverConfig.RoutedVeth veth ->
                new RoutedVethDriver(host, new HostEnds(kernel, host, veth.table()), veth);
            case DriverConfig.Executed executed ->
                new ExecutedPluginDriver(
                        plugins, executed, attachment.key(), attachment.intent().network(), recorded);
        };
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
