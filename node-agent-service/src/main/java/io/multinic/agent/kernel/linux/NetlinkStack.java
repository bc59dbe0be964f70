package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Outcome;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.Rule;
import io.multinic.agent.kernel.netlink.AddressReader;
import io.multinic.agent.kernel.netlink.ChangeEncoder;
import io.multinic.agent.kernel.netlink.Datagrams;
import io.multinic.agent.kernel.netlink.LinkReader;
import io.multinic.agent.kernel.netlink.LinkWriter;
import io.multinic.agent.kernel.netlink.NeighbourReader;
import io.multinic.agent.kernel.netlink.NetlinkConversation;
import io.multinic.agent.kernel.netlink.NetlinkError;
import io.multinic.agent.kernel.netlink.Queries;
import io.multinic.agent.kernel.netlink.RouteReader;
import io.multinic.agent.kernel.netlink.Rtnetlink;
import io.multinic.agent.kernel.netlink.RuleReader;
import io.multinic.agent.kernel.netlink.Unreadable;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.error.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A network stack over one netlink socket; a lock serializes requests.
final class NetlinkStack implements NetworkStack {
    /// Group of links that are about to be deleted together ("mnic" in ASCII).
    private static final int DELETION_GROUP = 0x6d6e6963;

    private static final int ENODEV = Errno.ENODEV.number();
    private final Datagrams datagrams;
    private final NetlinkConversation conversation;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;

    NetlinkStack(Datagrams datagrams, Unreadable unreadable) {
        this.datagrams = datagrams;
        this.conversation = new NetlinkConversation(datagrams, unreadable);
    }

    @Override
    public List<Link> links() {
        return dump(Queries.links(), Rtnetlink.RTM_NEWLINK, _ -> false, "list links", LinkReader::read);
    }

    @Override
    public Optional<Link> link(int index) {
        return get(Queries.link(index), "look up link " + index, LinkReader::read);
    }

    @Override
    public Optional<Link> link(String name) {
        return get(Queries.link(name), "look up link " + name, LinkReader::read);
    }

    @Override
    public List<InterfaceAddress> addresses() {
        return dump(
                Queries.addresses(),
                Rtnetlink.RTM_NEWADDR,
                NetlinkStack::noFamily,
                "list addresses",
                AddressReader::read);
    }

    @Override
    public <C extends Collection<Route>> C routes(RouteFilter filter, Supplier<C> collections) {
        NetlinkConversation.Reader<Route> reader = body -> {
            Route route = RouteReader.read(body);
            return route != null && filter.accepts(route) ? route : null;
        };
        return ask(talk -> talk.dump(
                Queries.routes(filter),
                Rtnetlink.RTM_NEWROUTE,
                NetlinkStack::noTableOrFamily,
                "list routes",
                reader,
                collections));
    }

    @Override
    public List<Rule> rules(IpFamily family) {
        return dump(
                Queries.rules(family), Rtnetlink.RTM_NEWRULE, NetlinkStack::noFamily, "list rules", RuleReader::read);
    }

    @Override
    public List<Neighbour> neighbours(int linkIndex) {
        var found = new ArrayList<Neighbour>();
        for (boolean proxies : new boolean[] {false, true}) {
            found.addAll(dump(
                    Queries.neighbours(linkIndex, proxies),
                    Rtnetlink.RTM_NEWNEIGH,
                    NetlinkStack::noFamily,
                    "list neighbours",
                    NeighbourReader::read));
        }
        found.removeIf(neighbour -> neighbour.linkIndex() != linkIndex);
        return found;
    }

    @Override
    public Map<Ipv4Setting, Integer> ipv4Settings(int linkIndex) {
        String operation = "read IPv4 settings of link " + linkIndex;
        return get(Queries.link(linkIndex), operation, LinkReader::ipv4Settings)
                .orElseThrow(() -> new KernelException(operation, ENODEV));
    }

    @Override
    public int namespaceId(NetworkNamespace other) {
        String operation = "number the namespace " + other.path();
        var error = ask(talk -> talk.execute(List.of(Queries.assignNamespaceId(other.descriptor()))))
                .getFirst();
        if (error != null && error.errno() != Errno.EEXIST.number()) {
            throw new KernelException(ErrorCode.KERNEL_REFUSED, operation, error.errno(), error.text());
        }
        return ask(talk -> talk.get(
                        Queries.namespaceId(other.descriptor()),
                        Rtnetlink.RTM_NEWNSID,
                        0,
                        operation,
                        Queries::readNamespaceId))
                .orElse(-1);
    }

    @Override
    public List<Outcome> attempt(List<? extends Change> changes) {
        List<byte[]> requests = changes.stream().map(ChangeEncoder::encode).toList();
        var errors = ask(talk -> talk.execute(requests));
        var outcomes = new ArrayList<Outcome>(changes.size());
        for (int i = 0; i < changes.size(); i++) {
            outcomes.add(outcome(changes.get(i), errors.get(i)));
        }
        return outcomes;
    }

    @Override
    public void deleteLinks(Collection<Integer> indexes) {
        if (indexes.isEmpty()) {
            return;
        }
        var requests = new ArrayList<byte[]>();
        for (int index : indexes) {
            requests.add(ChangeEncoder.encode(
                    indexes.size() == 1
                            ? new Change.DeleteLink(index)
                            : new Change.SetLinkGroup(index, DELETION_GROUP)));
        }
        if (indexes.size() > 1) {
            requests.add(LinkWriter.deleteGroup(DELETION_GROUP));
        }
        for (var error : ask(talk -> talk.execute(requests))) {
            if (error != null && error.errno() != ENODEV) {
                throw new KernelException(
                        ErrorCode.KERNEL_REFUSED, "delete links " + indexes, error.errno(), error.text());
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                datagrams.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private static Outcome outcome(Change change, @Nullable NetlinkError error) {
        if (error == null) {
            return new Outcome(change, null);
        }
        if (change.needsIpv6() && noFamily(error.errno())) {
            return new Outcome(change, KernelException.withoutIpv6(change, error.errno()));
        }
        if (change.needsIpv6() && isNewAddress(change) && error.errno() == Errno.EINVAL.number()) {
            return new Outcome(
                    change,
                    new KernelException(
                            ErrorCode.KERNEL_REFUSED,
                            change.description(),
                            error.errno(),
                            KernelException.NO_IPV6_ON_LINK));
        }
        boolean unknownKind = change instanceof Change.AddLink && error.errno() == Errno.EOPNOTSUPP.number();
        var code = unknownKind ? ErrorCode.KERNEL_LACKS_SUPPORT : ErrorCode.KERNEL_REFUSED;
        return new Outcome(change, new KernelException(code, change.description(), error.errno(), error.text()));
    }

    private static boolean isNewAddress(Change change) {
        return change instanceof Change.AddAddress || change instanceof Change.ReplaceAddress;
    }

    /// A kernel without IPv6, or without policy routing for it, has no table of them to list.
    private static boolean noFamily(int errno) {
        return errno == Errno.EAFNOSUPPORT.number() || errno == Errno.EOPNOTSUPP.number();
    }

    private static boolean noTableOrFamily(int errno) {
        return errno == Errno.ENOENT.number() || noFamily(errno);
    }

    private <T> List<T> dump(
            byte[] request, int answer, IntPredicate absent, String operation, NetlinkConversation.Reader<T> reader) {
        return ask(talk -> talk.dump(request, answer, absent, operation, reader));
    }

    private <T> Optional<T> get(byte[] request, String operation, NetlinkConversation.Reader<T> reader) {
        return ask(talk -> talk.get(request, Rtnetlink.RTM_NEWLINK, ENODEV, operation, reader));
    }

    private <T> T ask(Function<NetlinkConversation, T> question) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the network stack is closed");
            }
            return question.apply(conversation);
        } finally {
            lock.unlock();
        }
    }
}
