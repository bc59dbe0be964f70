/// Messages of nftables (`<linux/netfilter/nf_tables.h>`) for the forward chains of other programs. Pure.
@NullMarked
package io.multinic.agent.kernel.nftables;

import org.jspecify.annotations.NullMarked;
