package io.multinic.agent.attach;

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
    @JsonSubTypes.Type(value = Wiring.Macvlan.class, name = "macvlan"),
    @JsonSubTypes.Type(value = Wiring.Ipvlan.class, name = "ipvlan"),
    @JsonSubTypes.Type(value = Wiring.RoutedVeth.class, name = "ptp"),
    @JsonSubTypes.Type(value = Wiring.Executed.class, name = "executed"),
})
public sealed interface Wiring {
    /// A link of its own on the NIC.
    record Macvlan(MacvlanMode mode, int mtu) implements Wiring {}

    /// A link on the NIC that shares its hardware address.
    record Ipvlan(IpvlanMode mode, int mtu) implements Wiring {}

    /// A veth pair whose host end stands in for the pod's on-link network; the host routes.
    ///
    /// @param table where the host's routes to the pod go
    record RoutedVeth(int mtu, int table) implements Wiring {}

    /// The CNI plugin's own program.
    ///
    /// @param config the plugin's section, without what differs from interface to interface
    /// @param ipam the plugin's own `ipam` section; a null node if the addresses are this node's
    /// @param path directories of CNI_PATH
    record Executed(String type, ObjectNode config, JsonNode ipam, List<String> path, String args) implements Wiring {
        public Executed {
            path = List.copyOf(path);
        }

        boolean ownAddresses() {
            return ipam.isNull();
        }
    }
}
