package io.multinic.contract.crd;

/// Parts that several CEL rules share. `ipam` is JSON text, for which CEL has no parser: regular expressions extract
/// only what they can extract reliably.
final class CelRules {
    /// Regular expression for an `ipam` of the multi-NIC IPAM's type.
    static final String OUR_IPAM = "r'\"type\"\\s*:\\s*\"multi-nic-ipam\"'";

    /// True if the network requests addresses of the multi-NIC IPAM.
    static final String WANTS_OURS = "(has(self.multiNICIPAM) && self.multiNICIPAM)";

    /// True if it requests them and its `ipam` has the type.
    static final String PLANNED = "(" + WANTS_OURS + " && self.ipam.matches(" + OUR_IPAM + "))";

    /// The interfaceBlock of `ipam`; 0 if it has none.
    static final String INTERFACE_BLOCK =
            "int('0' + self.ipam.find(r'\"interfaceBlock\"\\s*:\\s*[0-9]{1,3}').find('[0-9]*$'))";

    /// The hostBlock of `ipam`; 0 if it has none.
    static final String HOST_BLOCK = "int('0' + self.ipam.find(r'\"hostBlock\"\\s*:\\s*[0-9]{1,3}').find('[0-9]*$'))";

    private CelRules() {}
}
