package io.multinic.e2e.steps;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.PodObjects;
import io.multinic.e2e.harness.Step;
import io.multinic.e2e.observe.ReleaseTable;
import io.multinic.lab.process.LabException;
import java.util.List;
import java.util.Locale;

/// Steps that install the release and check its authentication.
final class InstallSteps {
    static final String INSTALL = "install";

    private final StepContext context;

    InstallSteps(StepContext context) {
        this.context = context;
    }

    List<Step> steps() {
        return List.of(
                new Step(INSTALL, "after helm install every pod of the release is Ready", List.of(), this::install),
                new Step(
                        "tokens",
                        "ipam-service serves TLS, accepts a reader's token and rejects requests without one",
                        List.of(INSTALL),
                        this::tokens));
    }

    private String install() {
        ClusterUnderTest cluster = context.cluster();
        cluster.apply(Manifests.beforeInstall()).orThrow();
        long start = System.nanoTime();
        context.release().deploy("install");
        double seconds = (System.nanoTime() - start) / 1e9;
        List<Pod> pods = context.release().pods();
        cluster.progress().show("\n" + ReleaseTable.of(cluster, pods).indent(4));
        int restarts = pods.stream().mapToInt(PodObjects::restarts).sum();
        if (restarts > 0) {
            throw new LabException(restarts + " container restarts before all pods were ready");
        }
        return String.format(Locale.ROOT, "%d pods ready %.1f s after helm install", pods.size(), seconds);
    }

    private String tokens() {
        String status = context.auditor().statusWithoutToken("/api/v1/networks");
        if (!status.equals("401")) {
            throw new LabException("a request without a token got status " + status + ", not 401");
        }
        String health = context.auditor().statusWithoutToken("/actuator/health/readiness");
        if (!health.equals("200")) {
            throw new LabException("a health request without a token got status " + health + ", not 200");
        }
        context.auditor().get("/api/v1/networks");
        return "200 with a reader's token, 401 without one, health without a token";
    }
}
