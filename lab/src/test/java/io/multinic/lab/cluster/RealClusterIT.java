package io.multinic.lab.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// The functions of the cluster that tests rely on. All tests share one cluster; the crash of a node runs last.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RealClusterIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init")
    private static RealCluster cluster;

    @BeforeAll
    static void start() {
        cluster = RealCluster.start(LabFiles.ofThisProcess(), LabLayout.of(2, 2), new Progress(System.out));
        assertThat(kubectl("apply", "--filename=-", WEB)).contains("daemonset.apps/web created");
        cluster.kubectl("rollout", "status", "daemonset/web", "--timeout=60s").orThrow();
        cluster.kubectl("rollout", "status", "daemonset/host", "--timeout=60s").orThrow();
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    @Order(1)
    void serviceIsReachableByNameFromPodsAndFromTheHostNetwork() {
        for (Pod pod : pods("web", "host")) {
            String answers = exec(pod, "for i in 1 2 3 4 5 6 7 8; do wget -q -O - http://web; done");
            assertThat(answers.lines())
                    .as(pod.getMetadata().getName())
                    .hasSize(8)
                    .allMatch(name -> name.startsWith("web-"));
        }
    }

    @Test
    @Order(1)
    void multusAttachesNetworksOfOtherPluginsAndOfWhereabouts() {
        assertThat(pods("web").stream()
                        .map(pod -> exec(pod, "ip address show dev net1 | grep -o '192.168.51.[0-9]*/'")))
                .doesNotHaveDuplicates()
                .allMatch(address -> address.startsWith("192.168.51."));
        assertThat(pods("web"))
                .allSatisfy(pod -> assertThat(pod.getMetadata().getAnnotations())
                        .containsKey("k8s.v1.cni.cncf.io/network-status"));
    }

    @Test
    @Order(1)
    void volumeClaimIsBoundToADirectoryWritableForItsUser() {
        cluster.kubectl("rollout", "status", "statefulset/db", "--timeout=60s").orThrow();
        assertThat(exec(pods("db").getFirst(), "cat /data/mine")).isEqualTo("999");
    }

    @Test
    @Order(1)
    void networkNamespaceOfAPodIsFoundOnItsNode() {
        Pod pod = pods("web").getFirst();
        ClusterNode node = cluster.node(pod.getSpec().getNodeName());
        assertThat(node.run(
                                "ip",
                                "netns",
                                "exec",
                                node.podNetns("default", pod.getMetadata().getName()),
                                "ip",
                                "addr")
                        .orThrow()
                        .out())
                .contains(pod.getStatus().getPodIP());
    }

    /// Kubelet writes several sysctls; its node has the new values, the machine keeps the old ones.
    @Test
    @Order(1)
    void sysctlsOfTheMachineAreNotChanged() {
        String settings = "cd /proc/sys; for f in kernel/panic kernel/panic_on_oops vm/overcommit_memory; do"
                + " echo $(cat $f); done";
        assertThat(cluster.node("node1").run("sh", "-c", settings).out().lines())
                .containsExactly("10", "1", "1");
        assertThat(Command.of("sh", "-c", settings).run().out().lines()).doesNotContain("10");
    }

    @Test
    @Order(2)
    void podsKeepRunningDuringARestartOfTheApiServer() {
        List<String> before =
                pods("web").stream().map(pod -> pod.getMetadata().getUid()).toList();
        cluster.restartApiServer();
        assertThat(pods("web"))
                .extracting(pod -> pod.getMetadata().getUid())
                .containsExactlyInAnyOrderElementsOf(before);
        cluster.kubectl("create", "configmap", "after-restart").orThrow();
    }

    @Test
    @Order(3)
    void crashedNodeBootsWithItsDiskAndItsPodsRunAgain() {
        ClusterNode node = cluster.node("node2");
        node.run("touch", "/var/lib/of-the-disk", "/run/of-the-boot").orThrow();
        Optional<String> boot = node.bootId();

        node.crash();

        assertThat(node.run("true").ok()).isFalse();
        assertThat(node.pids()).isEmpty();
        assertThat(Command.of("ip", "link").run().out()).doesNotContain("node2-");

        node.start();
        cluster.awaitReady(node);

        assertThat(node.bootId()).isPresent().isNotEqualTo(boot);
        assertThat(node.run("ls", "/var/lib/of-the-disk").ok()).isTrue();
        assertThat(node.run("ls", "/run/of-the-boot").ok()).isFalse();
        Deadline.await(
                "the pod of node2 with a new sandbox",
                SOON,
                () -> pods("web").stream()
                        .allMatch(pod -> cluster.kubectl(
                                        "exec",
                                        pod.getMetadata().getName(),
                                        "--",
                                        "ip",
                                        "address",
                                        "show",
                                        "dev",
                                        "net1")
                                .ok()),
                () -> cluster.kubectl("describe", "pods").out());
    }

    private static List<Pod> pods(String... apps) {
        return cluster.kubernetes()
                .pods()
                .inNamespace("default")
                .withLabelIn("app", apps)
                .list()
                .getItems();
    }

    private static String exec(Pod pod, String script) {
        return cluster.kubectl("exec", pod.getMetadata().getName(), "--", "sh", "-c", script)
                .orThrow()
                .out()
                .strip();
    }

    private static String kubectl(String verb, String option, String input) {
        return cluster.tool("kubectl", verb, option)
                .withInput(input)
                .run()
                .orThrow()
                .out();
    }

    private static final String WEB = """
        apiVersion: k8s.cni.cncf.io/v1
        kind: NetworkAttachmentDefinition
        metadata: {name: other}
        spec:
          config: >-
            {"cniVersion": "1.0.0", "name": "other", "type": "macvlan", "master": "eth1", "mode": "bridge",
             "ipam": {"type": "whereabouts", "range": "192.168.51.0/24"}}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}, annotations: {k8s.v1.cni.cncf.io/networks: other}}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
                - name: web
                  image: localhost/busybox:1
                  imagePullPolicy: IfNotPresent
                  command: [sh, -c, "mkdir /www; hostname >/www/index.html; exec httpd -f -p 8080 -h /www"]
                  readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: host}
        spec:
          selector: {matchLabels: {app: host}}
          template:
            metadata: {labels: {app: host}}
            spec:
              hostNetwork: true
              dnsPolicy: ClusterFirstWithHostNet
              terminationGracePeriodSeconds: 0
              containers:
                - {name: host, image: "localhost/busybox:1", imagePullPolicy: IfNotPresent, command: [sleep, "100000"]}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db}
        spec:
          serviceName: db
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec:
              terminationGracePeriodSeconds: 0
              securityContext: {runAsUser: 999, runAsGroup: 999, fsGroup: 999}
              containers:
                - name: db
                  image: localhost/busybox:1
                  imagePullPolicy: IfNotPresent
                  command: [sh, -c, "id -u >/data/mine && exec sleep 100000"]
                  volumeMounts: [{name: data, mountPath: /data}]
          volumeClaimTemplates:
            - metadata: {name: data}
              spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
        """;
}
