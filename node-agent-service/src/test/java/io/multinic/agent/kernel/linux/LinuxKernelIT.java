package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelContract;

/// The real kernel keeps the contract. Needs root.
final class LinuxKernelIT extends KernelContract {
    @Override
    protected Kernel kernel() {
        return new LinuxKernel();
    }
}
