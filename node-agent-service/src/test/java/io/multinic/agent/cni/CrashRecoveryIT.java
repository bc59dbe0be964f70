package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Attachment;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.contract.wire.LedgerEvent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The agent crashes before each single call of the kernel and the journal, and starts again. Needs
/// root.
@Timeout(120)
class CrashRecoveryIT {
    @TempDir
    private Path directory;

    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;

    @BeforeEach
    void makeNodes() {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.plan.set(SamplePlans.dualStack(0, 2));
        node.reconcileRoutes();
        pod = TestNode.pod();
    }

    @AfterEach
    void tearDown() {
        List.of(node, peer).forEach(TestNode::close);
        pod.close();
    }

    private CrashSimulator restartWith(int steps) {
        var crash = new CrashSimulator(steps);
        node.restart(crash::kernel, store -> crash.wrap(AllocationStore.class, store));
        return crash;
    }

    /// Makes the call; false if the agent crashed during it.
    private boolean survives(CniCall call) {
        try {
            assertThat(call.on(node).code()).isZero();
            return true;
        } catch (CrashSimulator.Crash e) {
            return false;
        }
    }

    private void assertNothingLeft() {
        assertThat(pod.links()).isEmpty();
        assertThat(node.host.links()).containsExactly("eth1", "eth2");
        assertThat(node.journal.outbox().live()).isEmpty();
        assertThat(node.journal.allocations().attachments()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void addInterruptedAtAnyStepLeavesNothingOrAllAndARetrySucceeds(String plugin) {
        boolean survived = false;
        int steps = 0;
        for (; !survived; steps++) {
            String container = "c" + steps;
            restartWith(steps);
            survived = survives(CniCall.add(container, pod, plugin));
            node.restart();
            var recorded = node.journal.allocations().find(new AttachmentKey(container, "net1"));
            if (recorded.isPresent()) {
                assertThat(recorded.get().state()).isEqualTo(Attachment.State.ATTACHED);
                var check = CniCall.of("CHECK", container, pod.netns(), plugin).on(node);
                assertThat(check.code())
                        .as("after " + steps + " steps: " + check.text())
                        .isZero();
            } else {
                assertNothingLeft();
            }
            var retried = CniCall.add(container, pod, plugin).on(node);
            assertThat(retried.code())
                    .as("after " + steps + " steps: " + retried.text())
                    .isZero();
            assertThat(pod.links()).containsExactly("net1-0", "net1-1");
            assertThat(CniCall.del(container, pod.netns()).on(node).code()).isZero();
            assertNothingLeft();
        }
        assertThat(steps).as("steps of an ADD").isGreaterThan(15);
        assertThat(heldAccordingToEvents()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void deletionInterruptedAtAnyStepIsFinished(String plugin) {
        boolean survived = false;
        int steps = 0;
        for (; !survived; steps++) {
            String container = "c" + steps;
            node.restart();
            assertThat(CniCall.add(container, pod, plugin).on(node).code()).isZero();
            restartWith(steps);
            survived = survives(CniCall.del(container, pod.netns()));
            boolean deletionRecorded = node.journal.allocations().find(new AttachmentKey(container, "net1")).stream()
                    .noneMatch(attachment -> attachment.state() == Attachment.State.ATTACHED);
            node.restart();
            if (deletionRecorded) {
                assertNothingLeft();
            }
            assertThat(CniCall.del(container, "").on(node).code()).isZero();
            assertNothingLeft();
        }
        assertThat(steps).as("steps of a DEL").isGreaterThan(5);
        assertThat(heldAccordingToEvents()).isZero();
    }

    /// The number of held addresses by the events: ALLOCATED minus FREED, in a sequence without gaps.
    private long heldAccordingToEvents() {
        var events = node.journal.outbox().pending(10_000);
        long held = 0;
        for (int i = 0; i < events.size(); i++) {
            assertThat(events.get(i).sequence()).isEqualTo(i + 1);
            held += events.get(i).type() == LedgerEvent.Type.ALLOCATED ? 1 : -1;
        }
        return held;
    }

    /// Lets the agent make a limited number of calls to kernel and journal; all later calls fail, so that
    /// nothing is undone either.
    private static final class CrashSimulator {
        private static final Set<String> HARMLESS = Set.of("close", "equals", "hashCode", "toString", "wait", "notify");

        private final AtomicInteger left;

        CrashSimulator(int steps) {
            left = new AtomicInteger(steps);
        }

        /// Thrown by all calls after the limit: simulates a crash of the agent.
        static final class Crash extends Error {
            private static final long serialVersionUID = 1L;
        }

        Kernel kernel(Kernel real) {
            // Opening the host's stack is not counted, since it happens at start.
            return (Kernel) Proxy.newProxyInstance(
                    Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class}, (proxy, method, arguments) -> {
                        Object result = invoke(real, method, arguments);
                        return result instanceof NetworkStack stack ? wrap(NetworkStack.class, stack) : result;
                    });
        }

        <T> T wrap(Class<T> port, T real) {
            return port.cast(Proxy.newProxyInstance(
                    port.getClassLoader(), new Class<?>[] {port}, (proxy, method, arguments) -> {
                        if (!HARMLESS.contains(method.getName()) && left.getAndDecrement() <= 0) {
                            throw new Crash();
                        }
                        if (method.getName().equals("apply") && arguments[0] instanceof List<?> changes) {
                            return oneByOne((NetworkStack) real, changes);
                        }
                        return invoke(real, method, arguments);
                    }));
        }

        /// Counts each change of a batch as a call.
        private @Nullable Object oneByOne(NetworkStack stack, List<?> changes) {
            for (Object change : changes) {
                if (left.getAndDecrement() <= 0) {
                    throw new Crash();
                }
                stack.apply((Change) change);
            }
            return null;
        }

        private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }
}
