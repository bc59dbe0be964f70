package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelContract;
import org.junit.jupiter.api.Tag;

/// The kernel contract in User-Mode Linux, whose kernel is older than that of most nodes.
@Tag("uml")
final class OlderKernelIT extends KernelContract {
    @Override
    protected Kernel kernel() {
        return new LinuxKernel();
    }
}
