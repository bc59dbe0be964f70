package io.multinic.agent.kernel;

import io.multinic.contract.address.IpFamily;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Links, addresses, routes and rules of one network namespace.
///
/// Usable from any thread, one request at a time. Everything throws [KernelException] when the kernel refuses.
public interface NetworkStack extends AutoCloseable {
    List<Link> links();

    Optional<Link> link(int index);

    Optional<Link> link(String name);

    List<InterfaceAddress> addresses();

    /// Without the kernel's cached clones; a table that does not exist has no routes.
    List<Route> routes(RouteFilter filter);

    /// The rules that send packets to a table, in the order in which they are asked; other kinds are left out.
    List<Rule> rules(IpFamily family);

    /// The permanent entries of a link and the proxy entries of a link.
    List<Neighbour> neighbours(int linkIndex);

    /// @throws KernelException ENODEV if there is no such link
    Map<Ipv4Setting, Integer> ipv4Settings(int linkIndex);

    /// Tries every change in order, also after one has failed, and tells what became of each.
    List<Outcome> attempt(List<? extends Change> changes);

    /// Deletes links together, which takes the kernel as long as deleting one; links that are gone are no error.
    void deleteLinks(Collection<Integer> indexes);

    /// Makes all changes in order, in as few system calls as they need.
    ///
    /// Like [#attempt], it goes on after a failure, so the caller undoes the whole.
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
