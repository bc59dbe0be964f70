package io.multinic.agent.kernel;

import io.multinic.contract.address.IpFamily;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Links, addresses, routes and rules of one network namespace.
///
/// Usable from any thread, one request at a time. Everything throws [KernelException] when the kernel refuses. Lists
/// omit objects that cannot be represented; [SkippedMessages] counts them.
public interface NetworkStack extends AutoCloseable {
    List<Link> links();

    Optional<Link> link(int index);

    Optional<Link> link(String name);

    List<InterfaceAddress> addresses();

    /// The routes without cached clones and without those that select packets by more than the destination; a table
    /// that does not exist has no routes, and neither has a family that the kernel does not have.
    default List<Route> routes(RouteFilter filter) {
        return routes(filter, ArrayList::new);
    }

    /// Like [#routes(RouteFilter)]; adds each route to a collection as soon as it is read, so that a large table needs
    /// no list of objects.
    ///
    /// @param collections called again if the kernel has to be asked again, because the table changed meanwhile
    /// @return the last collection
    <C extends Collection<Route>> C routes(RouteFilter filter, Supplier<C> collections);

    /// The rules that direct packets to a table by source and destination only, in the order of evaluation; other
    /// kinds are excluded. None if the kernel does not have the family or its policy routing.
    List<Rule> rules(IpFamily family);

    /// The permanent entries of a link and the proxy entries of a link.
    List<Neighbour> neighbours(int linkIndex);

    /// @throws KernelException ENODEV if there is no such link
    Map<Ipv4Setting, Integer> ipv4Settings(int linkIndex);

    /// The number of another namespace in this one, assigned at the first call; it ends with that namespace.
    int namespaceId(NetworkNamespace other);

    /// Attempts all changes in order, also after a failure, and returns the outcome of each.
    List<Outcome> attempt(List<? extends Change> changes);

    /// Deletes links in one batch, which takes the kernel as long as deleting one; missing links are ignored.
    void deleteLinks(Collection<Integer> indexes);

    /// Applies all changes in order, in as few system calls as possible.
    ///
    /// Like [#attempt], it continues after a failure, so the caller undoes all of them.
    ///
    /// @throws KernelException the first failure; the others are suppressed in it
    default void apply(List<? extends Change> changes) {
        KernelException first = null;
        for (Outcome outcome : attempt(changes)) {
            KernelException failure = outcome.failure();
            if (first == null) {
                first = failure;
            } else if (failure != null) {
                first.addSuppressed(failure);
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /// @see #apply(List)
    default void apply(Change... changes) {
        apply(List.of(changes));
    }

    @Override
    void close();
}
