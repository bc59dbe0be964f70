package io.multinic.lab.e2e;

import io.multinic.lab.layout.LabNode;
import java.time.Duration;

/// What all steps share: the cluster, our release in it, and those who look at it.
record Platform(Site site, Release release, IpamRest ipam, Witness witness, Audit audit) implements AutoCloseable {
    /// The network of the steps, as `lab/network.yaml` names it.
    static final String NETWORK = "multi-nic-sample";

    /// The deployment that runs through all disturbances, and the one that comes and goes.
    static final String WORKERS = "workers";

    static final String BURST = "burst";
    static final int WORKER_PODS = 12;
    static final int BURST_PODS = 30;
    static final Duration PODS_START = Duration.ofSeconds(90);
    static final Duration PODS_END = Duration.ofMinutes(1);

    static Platform on(Site site) {
        var release = new Release(site);
        var ipam = new IpamRest(site, release);
        var witness = new Witness(site, NETWORK);
        return new Platform(site, release, ipam, witness, new Audit(site, ipam, witness, NETWORK));
    }

    /// As many as a pod has when it asks for all.
    int nicsOfANode() {
        return site.layout().nodes().getFirst().nics().size();
    }

    String lastNode() {
        return site.layout().nodes().stream().map(LabNode::name).toList().getLast();
    }

    void deploy(String deployment, int replicas, int graceSeconds) {
        site.apply(Manifests.deployment(deployment, NETWORK, replicas, graceSeconds))
                .orThrow();
    }

    /// Scales a deployment to nothing and waits until its pods are gone.
    void end(String deployment) {
        site.scale(deployment, 0);
        site.awaitReady(deployment, 0, PODS_END);
    }

    @Override
    public void close() {
        witness.close();
    }
}
