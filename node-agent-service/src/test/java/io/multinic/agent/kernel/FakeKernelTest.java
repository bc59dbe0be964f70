package io.multinic.agent.kernel;

/// The kernel contract on the fake.
final class FakeKernelTest extends KernelContract {
    @Override
    protected Kernel kernel() {
        return new FakeKernel();
    }
}
