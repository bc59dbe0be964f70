package io.multinic.contract.address;

/// The two address families, each with its width in bits.
public enum IpFamily {
    IPV4(32),
    IPV6(128);

    private final int bits;

    IpFamily(int bits) {
        this.bits = bits;
    }

    /// Width of an address in bits: 32 or 128.
    public int bits() {
        return bits;
    }
}
