package io.multinic.e2e.steps;

import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.HelmRelease;
import io.multinic.e2e.observe.AuditorTransport;
import io.multinic.e2e.observe.ConsistencyAudit;
import io.multinic.e2e.observe.SightingRecorder;
import io.multinic.lab.client.IpamApi;
import io.multinic.lab.layout.LabNode;
import java.time.Duration;

/// The objects that all steps share: the cluster, the release in it, and the observers.
public record StepContext(
        ClusterUnderTest cluster,
        HelmRelease release,
        AuditorTransport auditor,
        IpamApi ipam,
        SightingRecorder recorder,
        ConsistencyAudit audit)
        implements AutoCloseable {
    /// The name of the network in `lab/network.yaml`.
    static final String NETWORK = "multi-nic-sample";

    /// The deployment that runs through all disturbances.
    static final String WORKERS = "workers";

    /// The deployment whose pods start and end during disturbances.
    static final String BURST = "burst";

    static final int WORKER_PODS = 12;
    static final int BURST_PODS = 30;
    static final Duration PODS_START = Duration.ofSeconds(90);
    static final Duration PODS_END = Duration.ofMinutes(1);

    public static StepContext create(ClusterUnderTest cluster) {
        var release = new HelmRelease(cluster);
        var auditor = new AuditorTransport(cluster, release);
        var ipam = new IpamApi(auditor);
        var recorder = new SightingRecorder(cluster, NETWORK);
        var audit = new ConsistencyAudit(cluster, ipam, recorder, NETWORK);
        return new StepContext(cluster, release, auditor, ipam, recorder, audit);
    }

    /// The number of NICs of a pod that asks for all.
    int nicsPerNode() {
        return cluster.layout().nodes().getFirst().nics().size();
    }

    String lastNode() {
        return cluster.layout().nodes().stream().map(LabNode::name).toList().getLast();
    }

    void deploy(String deployment, int replicas, int graceSeconds) {
        cluster.apply(Manifests.deployment(deployment, NETWORK, replicas, graceSeconds))
                .orThrow();
    }

    /// Scales a deployment to 0 and waits until its pods are deleted.
    void scaleToZero(String deployment) {
        cluster.scale(deployment, 0);
        cluster.awaitReady(deployment, 0, PODS_END);
    }

    @Override
    public void close() {
        recorder.close();
    }
}
