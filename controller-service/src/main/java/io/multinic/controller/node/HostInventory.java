package io.multinic.controller.node;

import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.crd.HostInterfaceSpec;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import io.multinic.contract.wire.Nic;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The NICs of a HostInterface with their addresses, and the parts that could not be read.
///
/// HostInterfaces of unmanaged hosts are written by users and may contain anything: an unreadable address is left out
/// and reported. A NIC without an address is in no network and is left out.
public record HostInventory(List<Nic> nics, List<String> problems) {
    public HostInventory {
        nics = List.copyOf(nics);
        problems = List.copyOf(problems);
    }

    public static HostInventory of(@Nullable HostInterfaceSpec spec) {
        var nics = new ArrayList<Nic>();
        var problems = new ArrayList<String>();
        for (HostNic nic : spec == null ? List.<HostNic>of() : spec.interfaces()) {
            var addresses = addresses(nic, problems);
            if (!addresses.isEmpty()) {
                nics.add(new Nic(nic.interfaceName(), addresses));
            }
        }
        return new HostInventory(nics, problems);
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

    /// The addresses as text. HostInterfaces of the original have address and network in two fields.
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
