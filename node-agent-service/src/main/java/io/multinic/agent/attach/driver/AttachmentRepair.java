package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.state.Deviation;
import io.multinic.agent.attach.state.Deviation.Repair;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.contract.error.MultiNicException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Repairs one attachment: compares it with its plan, applies the repairs, and compares again, since an interface has
/// to
/// exist before its addresses and routes can be compared.
public final class AttachmentRepair {
    /// Interfaces, then addresses, then routes.
    private static final int ROUNDS = 3;

    private final Kernel kernel;
    private final NetworkStack host;
    private final AttachmentObserver observer;
    private final InterfaceDriver driver;
    private final HostEnds hostEnds;
    private final Map<String, String> failures = new HashMap<>();

    /// @param driver of the attachment
    AttachmentRepair(
            Kernel kernel, NetworkStack host, AttachmentObserver observer, InterfaceDriver driver, HostEnds hostEnds) {
        this.kernel = kernel;
        this.host = host;
        this.observer = observer;
        this.driver = driver;
        this.hostEnds = hostEnds;
    }

    /// Result of a repair.
    ///
    /// @param repaired texts of the deviations that were removed
    /// @param broken texts of those that remain, with the reason if the repair failed
    public record Report(List<String> repaired, List<String> broken) {
        public Report {
            repaired = List.copyOf(repaired);
            broken = List.copyOf(broken);
        }
    }

    Report run(AttachmentPlan plan, List<PodInterface> interfaces, AttachmentResult result, OpenSandbox sandbox) {
        Map<String, HardwareAddress> hardware = hardware(result, interfaces.size());
        Map<String, Boolean> seen = new LinkedHashMap<>();
        List<Deviation> found = observer.deviations(plan, interfaces, sandbox);
        for (int round = 0; round < ROUNDS && !found.isEmpty(); round++) {
            found.forEach(deviation -> {
                seen.put(deviation.text(), true);
                attempt(deviation, sandbox, hardware);
            });
            found = observer.deviations(plan, interfaces, sandbox);
        }
        List<String> broken = found.stream()
                .map(deviation -> deviation.text()
                        + (failures.containsKey(deviation.text()) ? ": " + failures.get(deviation.text()) : ""))
                .toList();
        found.forEach(deviation -> seen.remove(deviation.text()));
        return new Report(List.copyOf(seen.keySet()), broken);
    }

    /// The hardware addresses that the interfaces had at ADD.
    private static Map<String, HardwareAddress> hardware(AttachmentResult result, int interfaces) {
        Map<String, HardwareAddress> hardware = new HashMap<>();
        for (var attached : result.interfaces()
                .subList(0, Math.min(interfaces, result.interfaces().size()))) {
            if (!attached.mac().isEmpty()) {
                hardware.put(attached.name(), new HardwareAddress(attached.mac()));
            }
        }
        return hardware;
    }

    private void attempt(Deviation deviation, OpenSandbox sandbox, Map<String, HardwareAddress> hardware) {
        try {
            switch (deviation.repair()) {
                case Repair.InPod(Change change) -> sandbox.stack().apply(change);
                case Repair.OnHost(List<Change> changes) -> host.apply(changes);
                case Repair.Create(PodInterface podInterface) ->
                    driver.restore(sandbox, List.of(podInterface), hardware);
                case Repair.Forward(PodInterface podInterface) -> {
                    try (var own = kernel.ownNamespace()) {
                        hostEnds.forward(own, podInterface);
                    }
                }
                case Repair.Impossible() -> {}
            }
            failures.remove(deviation.text());
        } catch (MultiNicException e) {
            failures.put(deviation.text(), String.valueOf(e.getMessage()));
        }
    }
}
