package io.multinic.controller.reconcile.network;

import io.multinic.contract.error.MultiNicException;
import io.multinic.controller.decision.NetworkDecisions;
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.network.NetworkReading;
import io.multinic.controller.status.Planning;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Step of the reconciliation that makes ipam-service's plan of a network follow its specification.
final class PlanStep {
    private static final Logger log = LoggerFactory.getLogger(PlanStep.class);

    private final IpamClient ipam;

    PlanStep(IpamClient ipam) {
        this.ipam = ipam;
    }

    /// Puts the specification unless ipam-service has it; deletes the plan of a network that needs none.
    Planning plan(String name, NetworkReading reading) {
        try {
            return switch (reading) {
                case NetworkReading.Planned planned -> putIfChanged(name, planned);
                case NetworkReading.Delegated _ -> {
                    ipam.deleteNetwork(name);
                    yield new Planning.Delegated();
                }
                case NetworkReading.Refused refused ->
                    new Planning.Refused(
                            Planning.Cause.InvalidSpec, refused.reason(), Planning.Running.of(ipam.network(name)));
            };
        } catch (MultiNicException e) {
            log.atWarn()
                    .addKeyValue("network", name)
                    .addKeyValue("reason", e.getMessage())
                    .log("request to ipam-service failed, retrying");
            return NetworkDecisions.requestFailed(reading, e);
        }
    }

    private Planning putIfChanged(String name, NetworkReading.Planned planned) {
        var known = ipam.network(name);
        if (known.isPresent() && known.get().network().equals(planned.definition())) {
            return new Planning.Accepted(known.get());
        }
        try {
            return new Planning.Accepted(ipam.putNetwork(planned.definition()));
        } catch (MultiNicException e) {
            return NetworkDecisions.putFailed(e, Planning.Running.of(known));
        }
    }
}
