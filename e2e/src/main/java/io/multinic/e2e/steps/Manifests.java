package io.multinic.e2e.steps;

import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.HelmRelease;
import io.multinic.e2e.observe.AuditorTransport;
import java.util.List;

/// The manifests that users of the platform apply.
final class Manifests {
    /// A container that exits immediately on SIGTERM.
    private static final String CONTAINERS = """
        containers:
        - name: main
          image: localhost/busybox:1
          imagePullPolicy: IfNotPresent
          command: [sh, -c, "trap 'exit 0' TERM; sleep 100000 & wait"]
        """;

    private static final String NETWORKS = "k8s.v1.cni.cncf.io/networks";

    private Manifests() {}

    /// The release's namespace and the auditor's ServiceAccount, which an administrator creates before the install.
    static String beforeInstall() {
        return """
            apiVersion: v1
            kind: Namespace
            metadata: {name: %s}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: %s, namespace: %s}
            """.formatted(HelmRelease.NAMESPACE, AuditorTransport.AUDITOR, HelmRelease.NAMESPACE);
    }

    /// A deployment of pods with the network, spread over the nodes.
    static String deployment(String name, String network, int replicas, int graceSeconds) {
        return """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: %s
              namespace: %s
            spec:
              replicas: %d
              selector:
                matchLabels: {app: %s}
              template:
                metadata:
                  labels: {app: %s}
                  annotations:
                    %s: %s
                spec:
                  terminationGracePeriodSeconds: %d
                  topologySpreadConstraints:
                  - maxSkew: 1
                    topologyKey: kubernetes.io/hostname
                    whenUnsatisfiable: ScheduleAnyway
                    labelSelector:
                      matchLabels: {app: %s}
            %s\
            """.formatted(
                        name,
                        ClusterUnderTest.NAMESPACE,
                        replicas,
                        name,
                        name,
                        NETWORKS,
                        network,
                        graceSeconds,
                        name,
                        CONTAINERS.indent(6));
    }

    /// One pod.
    ///
    /// @param networks the value of the annotation; no annotation if empty
    /// @param node the node that the pod must run on; any node if empty
    static String pod(String name, String networks, String node) {
        String annotations = networks.isEmpty()
                ? ""
                : "  annotations:\n    " + NETWORKS + ": '" + networks.replace("'", "''") + "'\n";
        String selector = node.isEmpty() ? "" : "  nodeSelector: {kubernetes.io/hostname: " + node + "}\n";
        return """
            apiVersion: v1
            kind: Pod
            metadata:
              name: %s
              namespace: %s
              labels: {app: %s}
            %sspec:
              terminationGracePeriodSeconds: 0
            %s%s\
            """.formatted(name, ClusterUnderTest.NAMESPACE, name, annotations, selector, CONTAINERS.indent(2));
    }

    /// A plain Multus network of one NIC: macvlan with addresses from whereabouts.
    static String whereabouts(String name, String master, String range) {
        return """
            apiVersion: k8s.cni.cncf.io/v1
            kind: NetworkAttachmentDefinition
            metadata:
              name: %s
              namespace: %s
            spec:
              config: |
                {"cniVersion": "0.3.1", "name": "%s", "type": "macvlan", "master": "%s", "mode": "bridge",
                 "ipam": {"type": "whereabouts", "range": "%s",
                          "kubernetes": {"kubeconfig": "/etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig"}}}
            """.formatted(name, ClusterUnderTest.NAMESPACE, name, master, range);
    }

    /// A network of the platform over both NICs, with addresses from whereabouts; its kubeconfig is found through the
    /// node's configuration directory.
    static String whereaboutsOnEveryNic(String name) {
        return """
            apiVersion: multinic.fms.io/v1
            kind: MultiNicNetwork
            metadata: {name: %s}
            spec:
              masterNets: [10.0.1.0/24, 10.0.2.0/24]
              multiNICIPAM: false
              ipam: |
                {"type": "multi-config", "ipam_type": "whereabouts",
                 "args": {"eth1": {"range": "172.21.1.0/24"}, "eth2": {"range": "172.21.2.0/24"}}}
              plugin: {cniVersion: "0.3.1", type: macvlan, args: {mode: bridge}}
            """.formatted(name);
    }

    /// Joins several YAML documents.
    static String all(List<String> documents) {
        return String.join("---\n", documents);
    }
}
