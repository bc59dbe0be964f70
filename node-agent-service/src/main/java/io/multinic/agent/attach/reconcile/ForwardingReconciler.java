package io.multinic.agent.attach.reconcile;

import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.PacketFilter;
import io.multinic.agent.kernel.nftables.ForwardChain;
import io.multinic.agent.kernel.nftables.ForwardChain.Accepts;
import io.multinic.agent.kernel.nftables.ForwardChain.ForwardRule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets the node's packet filter forward the packets of routed pods, where it drops by default, as Docker, firewalld
/// and
/// ufw configure it.
///
/// A packet is dropped if any chain drops it, whatever a chain of our own accepts. Therefore each chain that drops by
/// default gets two rules at its beginning, as of `iptables -I FORWARD -i mnv+ -j ACCEPT` and `-o mnv+`. They are
/// recognised by this content, and removed with the last host end.
public final class ForwardingReconciler implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ForwardingReconciler.class);

    /// Beginning of the names of host ends; no other link has it.
    private static final String HOST_ENDS = "mnv";

    private static final List<Accepts> DIRECTIONS = List.of(Accepts.FROM_PREFIX, Accepts.TO_PREFIX);

    private final NetworkStack host;
    private final Supplier<PacketFilter> filters;
    private @Nullable PacketFilter filter;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile String problem = "";

    /// @param filters opens the node's packet filter; throws [KernelException] where the kernel has none
    public ForwardingReconciler(NetworkStack host, Supplier<PacketFilter> filters) {
        this.host = host;
        this.filters = filters;
    }

    /// Registers a listener for changes of [#problem]; it must not block.
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /// Names the chains that drop packets of pods, with the remedy; empty if there is none.
    public String problem() {
        return problem;
    }

    /// @return true if no chain drops packets of pods by default
    public synchronized boolean reconcile() {
        boolean routed = host.links().stream()
                .anyMatch(
                        link -> link.name().startsWith(HOST_ENDS) && link.kind().equals("veth"));
        String before = problem;
        problem = reconcile(routed);
        if (!problem.equals(before)) {
            listeners.forEach(Runnable::run);
        }
        return problem.isEmpty();
    }

    /// Removes the rules; called when the agent is removed from the node.
    public synchronized void withdraw() {
        String failure = reconcile(false);
        if (!failure.isEmpty()) {
            log.atWarn().addKeyValue("reason", failure).log("rules of the packet filter cannot be removed");
        }
    }

    @Override
    public synchronized void close() {
        PacketFilter open = filter;
        filter = null;
        if (open != null) {
            open.close();
        }
    }

    private String reconcile(boolean routed) {
        PacketFilter open;
        try {
            open = filter == null ? filters.get() : filter;
            filter = open;
        } catch (KernelException e) {
            log.atDebug().addKeyValue("reason", e.getMessage()).log("this kernel has no nftables");
            return "";
        }
        List<String> problems = new ArrayList<>();
        for (ForwardChain chain : open.forwardChains(HOST_ENDS)) {
            try {
                reconcile(open, chain, routed && chain.dropsByDefault());
            } catch (KernelException e) {
                problems.add(chain + " drops packets of pods by default, and rules cannot be changed: " + e.getMessage()
                        + "; accept packets from and to interfaces " + HOST_ENDS + "* there");
            }
        }
        return String.join("; ", problems);
    }

    private static void reconcile(PacketFilter filter, ForwardChain chain, boolean wanted) {
        for (Accepts direction : DIRECTIONS) {
            List<ForwardRule> ours = chain.rules().stream()
                    .filter(rule -> rule.accepts() == direction)
                    .toList();
            if (wanted && (ours.isEmpty() || behindDrop(chain, ours.getFirst()))) {
                filter.insert(chain, direction, HOST_ENDS);
                log.atInfo().addKeyValue("chain", chain).log("packet filter accepts packets of pods");
            } else {
                ours = wanted ? ours.subList(1, ours.size()) : ours;
            }
            ours.forEach(rule -> filter.delete(chain, rule.handle()));
        }
    }

    private static boolean behindDrop(ForwardChain chain, ForwardRule ours) {
        return chain.rules().subList(0, chain.rules().indexOf(ours)).stream().anyMatch(ForwardRule::dropsAll);
    }
}
