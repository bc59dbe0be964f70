package io.multinic.agent.cni;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkStack;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Lets the agent make a limited number of calls to kernel and journal; all later calls fail, so that
/// nothing is undone either.
final class CrashSimulator {
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
