package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.journal.Sandbox;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.contract.address.IpFamily;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// An open network namespace of a pod, with its network stack.
///
/// @param path value of CNI_NETNS, for executed plugins and for the result
public record OpenSandbox(String path, NetworkNamespace namespace, NetworkStack stack, Sandbox identity)
        implements AutoCloseable {
    static OpenSandbox open(Kernel kernel, String path, NetworkNamespace namespace, Sandbox identity) {
        return new OpenSandbox(path, namespace, kernel.open(namespace), identity);
    }

    /// The names of those interfaces that exist as links in the namespace.
    public List<String> existing(List<PodInterface> interfaces) {
        return interfaces.stream()
                .map(PodInterface::name)
                .filter(name -> stack.link(name).isPresent())
                .toList();
    }

    /// The address families in which the pod has a default route.
    public Set<IpFamily> defaultRoutes() {
        var families = EnumSet.noneOf(IpFamily.class);
        for (IpFamily family : IpFamily.values()) {
            var routes = stack.routes(RouteFilter.all(family).table(Route.MAIN_TABLE));
            if (routes.stream()
                    .anyMatch(route -> route.destination().prefixLength() == 0
                            && !route.nextHops().isEmpty())) {
                families.add(family);
            }
        }
        return families;
    }

    @Override
    public void close() {
        stack.close();
        namespace.close();
    }
}
