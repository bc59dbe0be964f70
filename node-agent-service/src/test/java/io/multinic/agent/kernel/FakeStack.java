package io.multinic.agent.kernel;

import io.multinic.contract.address.IpFamily;
import io.multinic.contract.error.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A stack of a [FakeNetwork]: converts refusals of the network into outcomes, as the adapter does.
final class FakeStack implements NetworkStack {
    private final FakeNetwork network;
    private final Runnable onClose;
    private boolean closed;

    FakeStack(FakeNetwork network, Runnable onClose) {
        this.network = network;
        this.onClose = onClose;
    }

    @Override
    public List<Link> links() {
        return open().links();
    }

    @Override
    public Optional<Link> link(int index) {
        return links().stream().filter(link -> link.index() == index).findFirst();
    }

    @Override
    public Optional<Link> link(String name) {
        return links().stream().filter(link -> link.name().equals(name)).findFirst();
    }

    @Override
    public List<InterfaceAddress> addresses() {
        return open().addresses();
    }

    @Override
    public <C extends Collection<Route>> C routes(RouteFilter filter, Supplier<C> collections) {
        C found = collections.get();
        open().routes().stream().filter(filter::accepts).forEach(found::add);
        return found;
    }

    @Override
    public List<Rule> rules(IpFamily family) {
        return open().rules(family);
    }

    @Override
    public List<Neighbour> neighbours(int linkIndex) {
        return open().neighbours().stream()
                .filter(neighbour -> neighbour.linkIndex() == linkIndex)
                .toList();
    }

    @Override
    public Map<Ipv4Setting, Integer> ipv4Settings(int linkIndex) {
        return open().ipv4Settings(linkIndex)
                .orElseThrow(
                        () -> new KernelException("read IPv4 settings of link " + linkIndex, Errno.ENODEV.number()));
    }

    @Override
    public int namespaceId(NetworkNamespace other) {
        return (int) other.id().inode();
    }

    @Override
    public List<Outcome> attempt(List<? extends Change> changes) {
        var outcomes = new ArrayList<Outcome>();
        for (Change change : changes) {
            outcomes.add(new Outcome(change, failure(change)));
        }
        return outcomes;
    }

    private @Nullable KernelException failure(Change change) {
        try {
            open().apply(change);
            return null;
        } catch (FakeNetwork.Refused refused) {
            boolean unknownKind = change instanceof Change.AddLink && refused.errno() == Errno.EOPNOTSUPP;
            var code = unknownKind ? ErrorCode.KERNEL_LACKS_SUPPORT : ErrorCode.KERNEL_REFUSED;
            return new KernelException(
                    code, change.description(), refused.errno().number(), refused.text());
        }
    }

    @Override
    public void deleteLinks(Collection<Integer> indexes) {
        for (int index : indexes) {
            KernelException failure = failure(new Change.DeleteLink(index));
            if (failure != null && failure.errno() != Errno.ENODEV) {
                throw failure;
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onClose.run();
        }
    }

    private FakeNetwork open() {
        if (closed) {
            throw new IllegalStateException("the network stack is closed");
        }
        return network;
    }
}
