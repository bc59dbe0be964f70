package io.multinic.agent.kernel;

/// A per-link setting of `/proc/sys/net/ipv4/conf/<link>/`, with the kernel's IPV4_DEVCONF_* number.
public enum Ipv4Setting {
    FORWARDING(1),
    PROXY_ARP(3),
    ACCEPT_REDIRECTS(4),
    SEND_REDIRECTS(6),
    RP_FILTER(8),
    ARP_FILTER(13),
    ARP_ANNOUNCE(18),
    ARP_IGNORE(19),
    ARP_NOTIFY(22);

    private final int number;

    Ipv4Setting(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
