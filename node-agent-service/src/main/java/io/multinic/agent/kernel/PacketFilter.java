package io.multinic.agent.kernel;

import io.multinic.agent.kernel.nftables.ForwardChain;
import io.multinic.agent.kernel.nftables.ForwardChain.Accepts;
import java.util.List;

/// Port: the packet filter of a network namespace. Everything throws [KernelException] when the kernel refuses.
public interface PacketFilter extends AutoCloseable {
    /// The chains for forwarded packets, of all programs that use nftables or iptables-nft.
    ///
    /// @param prefix beginning of the interface names that rules are recognised by
    List<ForwardChain> forwardChains(String prefix);

    /// Inserts a rule at the beginning of a chain that accepts packets by the beginning of an interface's name.
    void insert(ForwardChain chain, Accepts accepts, String prefix);

    void delete(ForwardChain chain, long handle);

    @Override
    void close();
}
