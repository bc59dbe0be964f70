package io.multinic.controller.lifecycle;

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

/// Leader election: of several replicas one runs the reconcilers. Without leader election, every replica leads.
///
/// The identity is the pod's name, so a container that is restarted in its pod keeps the lease.
public final class Leadership {
    private static final Logger log = LoggerFactory.getLogger(Leadership.class);

    /// @param leaseNamespace empty: the controller's own namespace
    public record Election(boolean enabled, String leaseName, String leaseNamespace) {}

    private final Election settings;
    private final KubernetesClient client;
    private final Runnable end;
    private final String identity;
    private final CountDownLatch leading = new CountDownLatch(1);
    private volatile boolean stopping;

    /// @param end ends the process at once, because another replica may lead as soon as the lease is lost
    public Leadership(Election settings, KubernetesClient client, Runnable end) {
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

    public Optional<LeaderElectionConfiguration> configuration() {
        return settings.enabled()
                ? Optional.of(LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(settings.leaseName())
                        .withLeaseNamespace(leaseNamespace())
                        .withIdentity(identity)
                        .withExitOnStopLeading(false)
                        .withLeaderCallbacks(new LeaderCallbacks(this::onWon, this::onLost, this::onLeader))
                        .build())
                : Optional.empty();
    }

    void await() throws InterruptedException {
        leading.await();
    }

    /// Announces an intended stop: losing the lease is no error any more.
    void stop() {
        stopping = true;
    }

    /// Releases the lease, so that another replica takes over before the lease expires.
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
            log.atWarn().addKeyValue("reason", ApiServerErrors.reason(e)).log("lease not released, it will expire");
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

    private void onWon() {
        log.atInfo().addKeyValue("identity", identity).log("leading");
        leading.countDown();
    }

    private void onLost() {
        if (!stopping) {
            log.atError().addKeyValue("identity", identity).log("lease lost, process ends");
            end.run();
        }
    }

    private void onLeader(String leader) {
        log.atInfo().addKeyValue("leader", leader).log("leader changed");
    }
}
