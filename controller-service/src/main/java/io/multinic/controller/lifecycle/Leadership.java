package io.multinic.controller.config;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.multinic.controller.kubernetes.ApiServerErrors;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether this replica is the one that works. Without leader election it is from the start.
///
/// The identity is the pod's name: a container that was killed and comes back in its pod goes on at once.
final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    private final ControllerProperties.LeaderElection settings;
    private final KubernetesClient client;
    private final Runnable end;
    private final String identity;
    private final CountDownLatch leading = new CountDownLatch(1);
    private volatile boolean stopping;

    /// @param end ends the process: another replica may be leading from now on
    Leadership(ControllerProperties.LeaderElection settings, KubernetesClient client, Runnable end) {
        this.settings = settings;
        this.client = client;
        this.end = end;
        this.identity = Optional.ofNullable(System.getenv("HOSTNAME"))
                .filter(name -> !name.isBlank())
                .orElseGet(() -> UUID.randomUUID().toString());
        if (!settings.enabled()) {
            leading.countDown();
        }
    }

    Optional<LeaderElectionConfiguration> configuration() {
        return settings.enabled()
                ? Optional.of(LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(settings.leaseName())
                        .withLeaseNamespace(leaseNamespace())
                        .withIdentity(identity)
                        .withExitOnStopLeading(false)
                        .withLeaderCallbacks(new LeaderCallbacks(this::won, this::lost, this::changed))
                        .build())
                : Optional.empty();
    }

    void await() throws InterruptedException {
        leading.await();
    }

    /// What comes is an end that was wanted.
    void stop() {
        stopping = true;
    }

    /// Lets another replica take over at once, not only when the lease has run out.
    void release() {
        if (!settings.enabled() || leading.getCount() > 0) {
            return;
        }
        try {
            client.leases()
                    .inNamespace(leaseNamespace())
                    .withName(settings.leaseName())
                    .edit(lease -> holds(lease)
                            ? new LeaseBuilder(lease)
                                    .editSpec()
                                    .withHolderIdentity("")
                                    .endSpec()
                                    .build()
                            : lease);
        } catch (KubernetesClientException e) {
            LOG.atWarn().addKeyValue("reason", ApiServerErrors.reason(e)).log("lease not released, it will run out");
        }
    }

    private boolean holds(Lease lease) {
        return lease.getSpec() != null && identity.equals(lease.getSpec().getHolderIdentity());
    }

    private String leaseNamespace() {
        return settings.leaseNamespace().isEmpty()
                ? client.getConfiguration().getNamespace()
                : settings.leaseNamespace();
    }

    private void won() {
        LOG.atInfo().addKeyValue("identity", identity).log("leading");
        leading.countDown();
    }

    private void lost() {
        if (!stopping) {
            LOG.atError().addKeyValue("identity", identity).log("lease lost, ending at once");
            end.run();
        }
    }

    private void changed(String leader) {
        LOG.atInfo().addKeyValue("leader", leader).log("leader");
    }
}
