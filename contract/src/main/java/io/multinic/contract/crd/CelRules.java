package io.multinic.contract.crd;

/// Parts of CEL rules that several rules share. `ipam` is a JSON text, for which CEL has no parser: regular expressions
/// take from it what they can take without a doubt.
final class CelRules {
    /// The type of an `ipam` whose addresses come from the multi-NIC IPAM: a regular expression.
    static final String OUR_IPAM = "r'\"type\"\\s*:\\s*\"multi-nic-ipam\"'";

    /// Whether the network asks for addresses of the multi-NIC IPAM.
    static final String WANTS_OURS = "(has(self.multiNICIPAM) && self.multiNICIPAM)";

    /// Whether it has them: it asks for them, and its `ipam` is of that type.
    static final String PLANNED = "(" + WANTS_OURS + " && self.ipam.matches(" + OUR_IPAM + "))";

    /// The interfaceBlock of `ipam`; 0 if it has none.
    static final String INTERFACE_BLOCK =
            "int('0' + self.ipam.find(r'\"interfaceBlock\"\\s*:\\s*[0-9]{1,3}').find('[0-9]*$'))";

    /// The hostBlock of `ipam`; 0 if it has none.
    static final String HOST_BLOCK = "int('0' + self.ipam.find(r'\"hostBlock\"\\s*:\\s*[0-9]{1,3}').find('[0-9]*$'))";

    private CelRules() {}
}
