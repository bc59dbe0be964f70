package io.multinic.controller.node;

import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterfaceSpec;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import io.multinic.contract.wire.Nic;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The NICs of a HostInterface with their addresses, and what of it could not be read.
///
/// HostInterfaces may be written by users (unmanaged hosts), so anything can stand in them: an address that cannot be
/// read costs only itself. A NIC with no address has no network, so it is left out.
public record HostNics(List<Nic> nics, List<String> problems) {
    public HostNics {
        nics = List.copyOf(nics);
        problems = List.copyOf(problems);
    }

    public static HostNics of(@Nullable HostInterfaceSpec spec) {
        var nics = new ArrayList<Nic>();
        var problems = new ArrayList<String>();
        for (HostNic nic : spec == null ? List.<HostNic>of() : spec.interfaces()) {
            var addresses = addresses(nic, problems);
            if (!addresses.isEmpty()) {
                nics.add(new Nic(nic.interfaceName(), addresses));
            }
        }
        return new HostNics(nics, problems);
    }

    private static List<PrefixedAddress> addresses(HostNic nic, List<String> problems) {
        var addresses = new ArrayList<PrefixedAddress>();
        for (String text : texts(nic, problems)) {
            try {
                addresses.add(PrefixedAddress.parse(text));
            } catch (IllegalArgumentException e) {
                problems.add("NIC " + nic.interfaceName() + ": " + e.getMessage());
            }
        }
        return addresses;
    }

    /// The original's HostInterfaces have the address and the network apart.
    private static List<String> texts(HostNic nic, List<String> problems) {
        if (!nic.addresses().isEmpty()) {
            return nic.addresses();
        }
        String net = nic.netAddress();
        String ip = nic.hostIp();
        if (net == null || net.isBlank() || ip == null || ip.isBlank()) {
            return List.of();
        }
        int slash = net.indexOf('/');
        if (slash < 0) {
            problems.add("NIC " + nic.interfaceName() + ": netAddress '" + net + "' has no prefix length");
            return List.of();
        }
        return List.of(ip + net.substring(slash));
    }
}
