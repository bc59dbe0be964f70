package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Route;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The driver for each wiring.
public final class InterfaceDrivers implements AutoCloseable {
    private final Kernel kernel;
    private final NetworkStack host;
    private final PluginProcess process;

    public InterfaceDrivers(Kernel kernel, PluginProcess process) {
        this.kernel = kernel;
        this.process = process;
        try (var own = kernel.ownNamespace()) {
            this.host = kernel.open(own);
        }
    }

    /// @param recorded what was answered to ADD, if it was
    public InterfaceDriver driver(DriverConfig wiring, Attachment attachment, @Nullable AttachmentResult recorded) {
        return switch (wiring) {
            case DriverConfig.Macvlan macvlan -> new NetlinkDriver(host, macvlan, Optional.empty());
            case DriverConfig.Ipvlan ipvlan -> new NetlinkDriver(host, ipvlan, Optional.empty());
            case DriverConfig.RoutedVeth veth ->
                new NetlinkDriver(host, veth, Optional.of(new HostEnds(kernel, host, veth.table())));
            case DriverConfig.Executed executed ->
                new ExecutedPlugin(
                        process, executed, attachment.key(), attachment.intent().network(), recorded);
        };
    }

    /// Refuses a wiring that could be neither made nor undone: before anything is recorded.
    ///
    /// @throws io.multinic.contract.error.MultiNicException PLUGIN_NOT_FOUND
    public void requirePresent(DriverConfig wiring) {
        if (wiring instanceof DriverConfig.Executed executed) {
            process.program(executed.type(), executed.path());
        }
    }

    /// For attachments of which nothing but the addresses is known: whatever of our kinds bears their names.
    public InterfaceDriver anyLink() {
        var anything = new DriverConfig.RoutedVeth(0, Route.MAIN_TABLE);
        return new NetlinkDriver(host, anything, Optional.of(new HostEnds(kernel, host, anything.table())));
    }

    @Override
    public void close() {
        host.close();
    }
}
