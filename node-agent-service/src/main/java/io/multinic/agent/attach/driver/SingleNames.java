package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentPlan;
import io.multinic.agent.attach.plan.AttachmentPlan.PlannedInterface;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.Outcome;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a pod's only interface known under CNI_IFNAME too, for the next plugins of a list: an alternative name of the
/// link.
///
/// Only links of built-in drivers get it: they end with the pod, whereas a NIC that an executed plugin moved would take
/// the name back to the node.
public final class SingleNames {
    private static final Logger log = LoggerFactory.getLogger(SingleNames.class);

    private final AtomicBoolean logged = new AtomicBoolean();

    /// Adds the name if the pod has one interface, which is called otherwise, and if no link has the name.
    public void add(AttachmentPlan plan, String ifName, OpenSandbox sandbox) {
        if (plan.driver() instanceof DriverConfig.Executed || plan.interfaces().size() != 1) {
            return;
        }
        PlannedInterface only = plan.interfaces().getFirst();
        if (only.name().equals(ifName)) {
            return;
        }
        sandbox.stack()
                .link(only.name())
                .ifPresent(link -> sandbox.stack()
                        .attempt(List.of(new Change.AddLinkName(link.index(), ifName)))
                        .forEach(this::report));
    }

    private void report(Outcome outcome) {
        KernelException failure = outcome.failure();
        if (failure == null || failure.errno() == Errno.EEXIST) {
            return;
        }
        if (logged.compareAndSet(false, true)) {
            log.atWarn()
                    .addKeyValue("reason", failure.getMessage())
                    .log(
                            "interfaces get no alternative names; plugins after multi-nic in a list do not find CNI_IFNAME");
        }
    }
}
