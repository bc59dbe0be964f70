package io.multinic.agent.attach.plan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.multinic.agent.kernel.NewLink.IpvlanMode;
import io.multinic.agent.kernel.NewLink.MacvlanMode;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// How the interfaces of an attachment are made; recorded with it, since DEL works from the record.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = DriverConfig.Macvlan.class, name = "macvlan"),
    @JsonSubTypes.Type(value = DriverConfig.Ipvlan.class, name = "ipvlan"),
    @JsonSubTypes.Type(value = DriverConfig.RoutedVeth.class, name = "ptp"),
    @JsonSubTypes.Type(value = DriverConfig.Executed.class, name = "executed"),
})
public sealed interface DriverConfig {
    /// A link of its own on the NIC.
    record Macvlan(MacvlanMode mode, int mtu) implements DriverConfig {}

    /// A link on the NIC that shares its hardware address.
    record Ipvlan(IpvlanMode mode, int mtu) implements DriverConfig {}

    /// A veth pair whose host end stands in for the pod's on-link network; the host routes.
    ///
    /// @param table where the host's routes to the pod go
    record RoutedVeth(int mtu, int table) implements DriverConfig {}

    /// The CNI plugin's own program.
    ///
    /// @param config the plugin's section, without what differs from interface to interface
    /// @param ipam the plugin's own `ipam` section; a null node if the addresses are this node's
    /// @param path directories of CNI_PATH
    record Executed(String type, ObjectNode config, JsonNode ipam, List<String> path, String args)
            implements DriverConfig {
        public Executed {
            path = List.copyOf(path);
        }

        public boolean ownAddresses() {
            return ipam.isNull();
        }
    }
}
