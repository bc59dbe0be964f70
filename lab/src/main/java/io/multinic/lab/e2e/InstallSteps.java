package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.lab.LabException;
import java.util.List;
import java.util.Locale;

/// From nothing to a release whose every pod is ready.
final class InstallSteps {
    static final String INSTALL = "install";

    private final Platform platform;

    InstallSteps(Platform platform) {
        this.platform = platform;
    }

    List<Step> steps() {
        return List.of(
                new Step(INSTALL, "helm install brings every pod of ours to Ready", List.of(), this::install),
                new Step(
                        "tokens",
                        "ipam-service answers over TLS, with a token, and to nobody without one",
                        List.of(INSTALL),
                        this::tokens));
    }

    private String install() {
        Site site = platform.site();
        site.apply(Manifests.prepared()).orThrow();
        long start = System.nanoTime();
        platform.release().deploy("install");
        double seconds = (System.nanoTime() - start) / 1e9;
        List<Pod> pods = platform.release().pods();
        site.progress().show("\n" + ReleaseTable.of(site, pods).indent(4));
        int restarts = pods.stream().mapToInt(Pods::restarts).sum();
        if (restarts > 0) {
            throw new LabException(restarts + " restarts of our containers until all were ready");
        }
        return String.format(Locale.ROOT, "%d pods ready %.1f s after helm install", pods.size(), seconds);
    }

    private String tokens() {
        String status = platform.ipam().statusWithoutToken("/api/v1/networks");
        if (!status.equals("401")) {
            throw new LabException("a call without a token is answered with " + status + ", not with 401");
        }
        String health = platform.ipam().statusWithoutToken("/actuator/health/readiness");
        if (!health.equals("200")) {
            throw new LabException("health is answered with " + health + ", not with 200, without a token");
        }
        platform.ipam().get("/api/v1/networks");
        return "200 with a reader's token, 401 without one, health open";
    }
}
