package io.multinic.lab.e2e;

import java.util.List;

/// What a user applies.
final class Manifests {
    /// A pod that ends at once when it is told to.
    private static final String CONTAINERS = """
            containers:
            - name: main
              image: localhost/busybox:1
              imagePullPolicy: IfNotPresent
              command: [sh, -c, "trap 'exit 0' TERM; sleep 100000 & wait"]
            """;

    private static final String NETWORKS = "k8s.v1.cni.cncf.io/networks";

    private Manifests() {}

    /// What an administrator prepares: the release's namespace, and an auditor in it.
    static String prepared() {
        return """
                apiVersion: v1
                kind: Namespace
                metadata: {name: %s}
                ---
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: %s, namespace: %s}
                """.formatted(Release.NAMESPACE, IpamRest.AUDITOR, Release.NAMESPACE);
    }

    /// Pods with the network, spread over the nodes.
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
                %s""".formatted(
                        name,
                        Site.NAMESPACE,
                        replicas,
                        name,
                        name,
                        NETWORKS,
                        network,
                        graceSeconds,
                        name,
                        CONTAINERS.indent(6));
    }

    /// One pod; `networks` is the text of the annotation, none where it is empty, `node` the node to be on, any where
    /// it is empty.
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
                %s%s""".formatted(name, Site.NAMESPACE, name, annotations, selector, CONTAINERS.indent(2));
    }

    /// A network of one NIC as Multus users have it: macvlan, with addresses from whereabouts.
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
                """.formatted(name, Site.NAMESPACE, name, master, range);
    }

    /// Several documents as one.
    static String all(List<String> documents) {
        return String.join("---\n", documents);
    }
}
