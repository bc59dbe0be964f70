package io.multinic.agent.kernel;

/// The fake keeps the same contract as the kernel.
final class FakeKernelTest extends KernelContract {
    @Override
    protected Kernel kernel() {
        return new FakeKernel();
    }
}
