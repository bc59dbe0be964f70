@NullMarked
package io.multinic.agent.kernel.nftables;

import org.jspecify.annotations.NullMarked;
