package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.journal.Sandbox;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import java.util.List;

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

    @Override
    public void close() {
        stack.close();
        namespace.close();
    }
}
