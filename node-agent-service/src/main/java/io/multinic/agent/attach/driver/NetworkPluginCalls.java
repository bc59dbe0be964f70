package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.DelegatedIpam;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.journal.AttachmentKey;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Executions of a plugin that concern a network and no pod: STATUS and GC.
final class NetworkPluginCalls {
    private final PluginRunner plugins;
    private final String network;
    private final DriverConfig.Executed plugin;

    NetworkPluginCalls(PluginRunner plugins, String network, DriverConfig.Executed plugin) {
        this.plugins = plugins;
        this.network = network;
        this.plugin = plugin;
    }

    void status() {
        configs().forEach(config -> plugins.run(call("STATUS"), config));
    }

    void collectGarbage(List<AttachmentKey> valid) {
        for (ObjectNode config : configs()) {
            var list = config.putArray("cni.dev/valid-attachments");
            valid.forEach(key ->
                    list.addObject().put("containerID", key.containerId()).put("ifname", key.ifName()));
            plugins.run(call("GC"), config);
        }
    }

    private PluginRunner.Call call(String command) {
        return new PluginRunner.Call(command, plugin.type(), "", "", "", plugin.args(), plugin.path());
    }

    /// One configuration for each section of the plugin's own IPAM.
    private List<ObjectNode> configs() {
        if (plugin.ownAddresses()) {
            ObjectNode config = withoutIpam();
            config.putObject("ipam").put("type", "static");
            return List.of(config);
        }
        return DelegatedIpam.parse(network, plugin.ipam()).all().stream()
                .map(section -> withoutIpam().set("ipam", section))
                .toList();
    }

    private ObjectNode withoutIpam() {
        return plugin.config().deepCopy().put("name", network).put("type", plugin.type());
    }
}
