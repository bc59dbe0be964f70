package io.multinic.agent.cni;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A network namespace with its stack, used as a node or as the sandbox of a pod.
class TestNamespace implements AutoCloseable {
    final NetworkNamespace namespace;
    final NetworkStack stack;

    TestNamespace(Kernel kernel) {
        namespace = kernel.createNamespace();
        stack = kernel.open(namespace);
        stack.apply(new Change.SetLinkUp(stack.link("lo").orElseThrow().index(), true));
    }

    String netns() {
        return namespace.path().toString();
    }

    /// Names of its links but `lo`.
    List<String> links() {
        return stack.links().stream()
                .map(Link::name)
                .filter(name -> !name.equals("lo"))
                .sorted()
                .toList();
    }

    /// Pings once; returns the output of ping if there was no reply, else an empty string.
    String ping(String address) {
        return run("ping", "-c", "1", "-W", "2", address);
    }

    /// Runs a program in the namespace; returns its output if it failed, else an empty string.
    String run(String... command) {
        try {
            return namespace.call(() -> {
                var process =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return process.waitFor() == 0 ? "" : output + "exit " + process.exitValue();
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        stack.close();
        namespace.close();
    }
}
