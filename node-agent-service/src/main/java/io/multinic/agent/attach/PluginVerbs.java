package io.multinic.agent.attach;

import io.multinic.agent.attach.driver.InterfaceDrivers;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// The CNI verbs that concern an executed plugin of a network and no pod: GC and STATUS.
public final class PluginVerbs {
    private final AllocationStore store;
    private final InterfaceDrivers drivers;
    private final JsonMapper json;

    PluginVerbs(AllocationStore store, InterfaceDrivers drivers, JsonMapper json) {
        this.store = store;
        this.drivers = drivers;
        this.json = json;
    }

    /// Executes GC of a network's plugin with the attachments that are recorded.
    ///
    /// @throws MultiNicException PLUGIN_NOT_FOUND or PLUGIN_FAILED
    public void collectGarbage(DriverConfig.Executed plugin, String network) {
        List<AttachmentKey> valid = new ArrayList<>();
        for (Attachment attachment : store.attachments()) {
            if (attachment.intent().network().equals(network)) {
                RecordedAttachment.read(attachment, json)
                        .interfaces()
                        .forEach(podInterface ->
                                valid.add(new AttachmentKey(attachment.key().containerId(), podInterface.name())));
            }
        }
        drivers.collectGarbage(network, plugin, valid);
    }

    /// Executes STATUS of a network's plugin.
    ///
    /// @throws MultiNicException PLUGIN_NOT_FOUND or PLUGIN_FAILED
    public void requireReady(DriverConfig.Executed plugin, String network) {
        drivers.status(network, plugin);
    }
}
