package io.multinic.agent.attach.driver;

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
        plugins.run(call("STATUS"), config());
    }

    void collectGarbage(List<AttachmentKey> valid) {
        var config = config();
        var list = config.putArray("cni.dev/valid-attachments");
        valid.forEach(
                key -> list.addObject().put("containerID", key.containerId()).put("ifname", key.ifName()));
        plugins.run(call("GC"), config);
    }

    private PluginRunner.Call call(String command) {
        return new PluginRunner.Call(command, plugin.type(), "", "", "", plugin.args(), plugin.path());
    }

    private ObjectNode config() {
        var config = plugin.config().deepCopy().put("name", network).put("type", plugin.type());
        if (plugin.ownAddresses()) {
            config.putObject("ipam").put("type", "static");
        } else {
            config.set("ipam", plugin.ipam());
        }
        return config;
    }
}
