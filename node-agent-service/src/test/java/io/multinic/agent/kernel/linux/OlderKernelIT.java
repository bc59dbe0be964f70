package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelContract;
import org.junit.jupiter.api.Tag;

/// The contract on the kernel of User-Mode Linux, which is older than what most nodes run.
@Tag("uml")
final class OlderKernelIT extends KernelContract {
    @Override
    protected Kernel kernel() {
        return new LinuxKernel();
    }
}
