package io.multinic.agent.attach;

import io.multinic.agent.journal.Attachment;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Route;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The driver for each wiring.
final class Wirings implements AutoCloseable {
    private final Kernel kernel;
    private final NetworkStack host;
    private final PluginProcess process;

    Wirings(Kernel kernel, PluginProcess process) {
        this.kernel = kernel;
        this.process = process;
        try (var own = kernel.ownNamespace()) {
            this.host = kernel.open(own);
        }
    }

    /// @param recorded what was answered to ADD, if it was
    InterfaceDriver driver(Wiring wiring, Attachment attachment, @Nullable AttachmentResult recorded) {
        return switch (wiring) {
            case Wiring.Macvlan macvlan -> new NetlinkDriver(host, macvlan, Optional.empty());
            case Wiring.Ipvlan ipvlan -> new NetlinkDriver(host, ipvlan, Optional.empty());
            case Wiring.RoutedVeth veth ->
                new NetlinkDriver(host, veth, Optional.of(new HostEnds(kernel, host, veth.table())));
            case Wiring.Executed executed ->
                new ExecutedPlugin(
                        process, executed, attachment.key(), attachment.intent().network(), recorded);
        };
    }

    /// Refuses a wiring that could be neither made nor undone: before anything is recorded.
    ///
    /// @throws io.multinic.contract.error.MultiNicException PLUGIN_NOT_FOUND
    void requirePresent(Wiring wiring) {
        if (wiring instanceof Wiring.Executed executed) {
            process.program(executed.type(), executed.path());
        }
    }

    /// For attachments of which nothing but the addresses is known: whatever of our kinds bears their names.
    InterfaceDriver anyLink() {
        var anything = new Wiring.RoutedVeth(0, Route.MAIN_TABLE);
        return new NetlinkDriver(host, anything, Optional.of(new HostEnds(kernel, host, anything.table())));
    }

    @Override
    public void close() {
        host.close();
    }
}
