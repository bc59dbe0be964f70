package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.PacketFilter;
import io.multinic.agent.kernel.nftables.ForwardChain;
import io.multinic.agent.kernel.nftables.ForwardChain.Accepts;
import io.multinic.agent.kernel.nftables.ForwardChain.ForwardRule;
import io.multinic.agent.kernel.nftables.NftablesReader;
import io.multinic.agent.kernel.nftables.NftablesReader.Message;
import io.multinic.agent.kernel.nftables.NftablesWriter;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The packet filter over an nfnetlink socket.
public final class NftablesFilter implements PacketFilter {
    private static final int ATTEMPTS = 10;

    private final NetlinkSocket socket;
    private int sequence;

    private NftablesFilter(NetlinkSocket socket) {
        this.socket = socket;
    }

    public static NftablesFilter open(NetworkNamespace namespace) {
        return new NftablesFilter(NamespaceThread.open(namespace.descriptor(), NetlinkSocket::forNetfilter));
    }

    @Override
    public synchronized List<ForwardChain> forwardChains(String prefix) {
        List<ForwardChain> chains = new ArrayList<>();
        for (ForwardChain chain : chains()) {
            List<ForwardRule> rules = new ArrayList<>();
            list("list rules of " + chain, number -> NftablesWriter.rules(number, chain), rules::clear, message -> {
                if (NftablesReader.isRule(message)) {
                    rules.add(NftablesReader.rule(message.body(), prefix));
                }
            });
            chains.add(new ForwardChain(chain.family(), chain.table(), chain.name(), chain.dropsByPolicy(), rules));
        }
        return chains;
    }

    private List<ForwardChain> chains() {
        List<ForwardChain> chains = new ArrayList<>();
        list("list chains", NftablesWriter::chains, chains::clear, message -> {
            if (NftablesReader.isChain(message)) {
                NftablesReader.chain(message.body()).ifPresent(chains::add);
            }
        });
        return chains;
    }

    @Override
    public synchronized void insert(ForwardChain chain, Accepts accepts, String prefix) {
        change(
                "accept packets of " + prefix + "* in " + chain,
                NftablesWriter.insert(++sequence, chain, accepts, prefix));
    }

    @Override
    public synchronized void delete(ForwardChain chain, long handle) {
        change("delete a rule of " + chain, NftablesWriter.delete(++sequence, chain, handle));
    }

    private interface Request {
        byte[] numbered(int sequence);
    }

    /// Lists objects, again if they changed meanwhile; a chain that does not exist has none.
    private void list(String operation, Request request, Runnable restart, Consumer<Message> each) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            restart.run();
            byte[] bytes = request.numbered(++sequence);
            socket.send(bytes, bytes.length);
            if (complete(operation, each)) {
                return;
            }
        }
        throw new MultiNicException(ErrorCode.KERNEL_REFUSED, "cannot " + operation + ": it changes all the time");
    }

    /// @return false if the list changed while it was read
    private boolean complete(String operation, Consumer<Message> each) {
        boolean interrupted = false;
        while (true) {
            for (Message message : NftablesReader.messages(socket.receive())) {
                if (message.sequence() != sequence) {
                    continue;
                }
                interrupted |= message.interrupted();
                if (message.done() || message.error() == Errno.ENOENT.number()) {
                    return !interrupted;
                }
                if (message.answersRequest() && message.error() != 0) {
                    throw new KernelException(operation, message.error());
                }
                each.accept(message);
            }
        }
    }

    private void change(String operation, byte[] request) {
        socket.send(request, request.length);
        while (true) {
            for (Message message : NftablesReader.messages(socket.receive())) {
                if (message.sequence() == sequence && message.answersRequest()) {
                    if (message.error() != 0) {
                        throw new KernelException(operation, message.error());
                    }
                    return;
                }
            }
        }
    }

    @Override
    public synchronized void close() {
        socket.close();
    }
}
