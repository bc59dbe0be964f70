package io.multinic.charts;

import static io.multinic.charts.Chart.TRIAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Tests the rights of the chart's pods: at the API server, on their nodes, and at ipam-service.
class RightsIT {
    private static final List<String> SERVICES =
            List.of("multi-nic-controller", "multi-nic-ipam", "multi-nic-node-agent");

    @Test
    void noRoleHasWildcards() {
        assertThat(rules(Chart.render(TRIAL))).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.getVerbs()).doesNotContain("*");
            assertThat(rule.getResources()).doesNotContain("*");
            assertThat(rule.getApiGroups()).doesNotContain("*");
        });
    }

    @Test
    void noRoleReadsSecretsOrListsPods() {
        var rules = rules(Chart.render(TRIAL));
        assertThat(rules).flatExtracting(PolicyRule::getResources).doesNotContain("secrets", "configmaps");
        assertThat(rules)
                .filteredOn(rule -> rule.getResources().contains("pods"))
                .allSatisfy(rule -> assertThat(rule.getVerbs()).containsExactly("get"));
    }

    @Test
    void agentsWriteOnlyEventsAndHostInterfaces() {
        assertThat(Chart.render(TRIAL)
                        .one(ClusterRole.class, "multi-nic-node-agent")
                        .getRules())
                .filteredOn(rule -> !List.of("get", "list", "watch").containsAll(rule.getVerbs()))
                .flatExtracting(PolicyRule::getResources)
                .containsExactly("events", "hostinterfaces", "hostinterfaces/status");
    }

    @Test
    void ipamHasNoRoleOfItsOwn() {
        var objects = Chart.render(TRIAL);
        assertThat(Stream.concat(objects.of(Role.class), objects.of(ClusterRole.class)))
                .extracting(role -> role.getMetadata().getName())
                .noneMatch(name -> name.contains("ipam"));
    }

    @Test
    void onlyPodsThatUseTheApiServerHaveATokenForIt() {
        var objects = Chart.render(TRIAL);
        assertThat(objects.of(ServiceAccount.class))
                .hasSize(4)
                .noneMatch(ServiceAccount::getAutomountServiceAccountToken);
        objects.pods()
                .forEach((name, pod) -> assertThat(pod.getAutomountServiceAccountToken())
                        .as(name)
                        .isEqualTo(SERVICES.contains(name)));
    }

    // ---- pods

    @Test
    void podsAreConfined() {
        Chart.render(TRIAL).pods().forEach((name, pod) -> {
            assertThat(pod.getSecurityContext().getSeccompProfile().getType())
                    .as(name)
                    .isEqualTo("RuntimeDefault");
            assertThat(pod.getContainers()).as(name).allSatisfy(container -> {
                var security = container.getSecurityContext();
                assertThat(security.getPrivileged()).isNotEqualTo(true);
                assertThat(security.getReadOnlyRootFilesystem()).isTrue();
                assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
                assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
                assertThat(container.getResources().getLimits()).containsOnlyKeys("memory");
            });
        });
    }

    @Test
    void onlyTheAgentIsRootAndOnTheHost() {
        var pods = Chart.render(TRIAL).pods();
        PodSpec agent = pods.remove("multi-nic-node-agent");
        assertThat(agent.getHostNetwork()).isTrue();
        assertThat(agent.getHostPID()).isNotEqualTo(true);
        assertThat(pods).hasSize(3).allSatisfy((name, pod) -> {
            assertThat(pod.getHostNetwork()).isNotEqualTo(true);
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getVolumes()).noneMatch(volume -> volume.getHostPath() != null);
            assertThat(pod.getContainers()).allSatisfy(container -> {
                assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                        .isFalse();
                assertThat(container.getSecurityContext().getCapabilities().getAdd())
                        .isEmpty();
            });
        });
    }

    /// Each of these is a right of an attacker who controls an agent; docs/decisions/0008-chart.md gives the reasons.
    @Test
    void agentHasOnlyTheAccessToTheHostThatItNeeds() {
        var objects = Chart.render(TRIAL);
        assertThat(objects.container("multi-nic-node-agent")
                        .getSecurityContext()
                        .getCapabilities()
                        .getAdd())
                .containsExactly("NET_ADMIN", "SYS_ADMIN", "NET_BROADCAST");
        assertThat(objects.pod("multi-nic-node-agent").getVolumes())
                .filteredOn(volume -> volume.getHostPath() != null)
                .extracting(volume -> volume.getHostPath().getPath())
                .containsExactly(
                        "/run/netns",
                        "/var/lib/multi-nic",
                        "/run/multi-nic",
                        "/opt/cni/bin",
                        "/etc/iproute2/rt_tables.d",
                        "/proc/sys/net",
                        "/var/lib/cni",
                        "/var/lib/kubelet/device-plugins",
                        "/etc/cni/net.d",
                        "/run/cni");
    }

    @Test
    void directoriesThatTheAgentOnlyReadsAreMountedReadOnlyUnderTheirOwnPaths() {
        Container agent = Chart.render(
                        TRIAL + "\nagent: {kubeletDirectory: /data/kubelet, pluginDirectories: [/opt/ipam]}")
                .container("multi-nic-node-agent");
        assertThat(agent.getVolumeMounts())
                .filteredOn(mount -> Boolean.TRUE.equals(mount.getReadOnly()))
                .extracting(VolumeMount::getMountPath)
                .contains("/var/lib/kubelet/device-plugins", "/opt/ipam")
                .doesNotContain("/etc/cni/net.d");
    }

    @Test
    void networkNamespacesOfLaterPodsAreVisibleToTheAgent() {
        Container agent = Chart.render(TRIAL).container("multi-nic-node-agent");
        assertThat(agent.getVolumeMounts())
                .filteredOn(mount -> mount.getMountPath().equals("/run/netns"))
                .extracting(VolumeMount::getMountPropagation)
                .containsExactly("HostToContainer");
    }

    @Test
    void agentRunsOnEveryNodeAndHasTimeToFinishCalls() {
        PodSpec agent = Chart.render(TRIAL).pod("multi-nic-node-agent");
        assertThat(agent.getTolerations())
                .anyMatch(toleration -> "Exists".equals(toleration.getOperator())
                        && toleration.getKey() == null
                        && toleration.getEffect() == null);
        assertThat(agent.getPriorityClassName()).isEqualTo("system-node-critical");
        // multi-nic.agent.shutdown-grace is 20 s, the web server's own at most another 30 s.
        assertThat(agent.getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(50);
        assertThat(agent.getDnsPolicy()).isEqualTo("ClusterFirstWithHostNet");
    }

    @Test
    void livenessDoesNotDependOnOtherServices() {
        var objects = Chart.render(TRIAL);
        for (String name : SERVICES) {
            Container container = objects.container(name);
            assertThat(path(container.getLivenessProbe())).as(name).isEqualTo("/actuator/health/liveness");
            assertThat(path(container.getStartupProbe())).as(name).isEqualTo("/actuator/health/liveness");
            assertThat(path(container.getReadinessProbe())).as(name).isEqualTo("/actuator/health/readiness");
        }
        assertThat(objects.container("multi-nic-postgresql").getLivenessProbe()).isNull();
    }

    @Test
    void clientsSendATokenThatOnlyIpamAccepts() {
        var objects = Chart.render(TRIAL);
        for (String name : List.of("multi-nic-controller", "multi-nic-node-agent")) {
            PodSpec pod = objects.pod(name);
            assertThat(pod.getVolumes())
                    .filteredOn(volume -> volume.getProjected() != null)
                    .flatExtracting(volume -> volume.getProjected().getSources())
                    .map(source -> source.getServiceAccountToken().getAudience())
                    .containsExactly("multi-nic-ipam");
            assertThat(objects.mountPaths(name)).contains("/var/run/secrets/multi-nic", "/etc/multi-nic");
        }
    }

    private static List<PolicyRule> rules(Chart.Objects objects) {
        return Stream.concat(
                        objects.of(ClusterRole.class).map(ClusterRole::getRules),
                        objects.of(Role.class).map(Role::getRules))
                .flatMap(List::stream)
                .toList();
    }

    private static String path(Probe probe) {
        return probe.getHttpGet().getPath();
    }
}
