package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.contract.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// NICs that Debian's host-device plugin moves into pods, and that come back in every way. Needs root.
///
/// The kernel returns hardware to the node when a namespace ends, but deletes a veth; so the tests move the NIC out of
/// the pod, without renaming it, before the namespace ends.
@Timeout(120)
class HostDeviceIT {
    private static final Path PLUGIN = Path.of("/usr/lib/cni/host-device");

    @TempDir
    private Path directory;

    private Path bin;
    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;

    @BeforeEach
    void makeNodes() throws IOException {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        node.plan.set(SamplePlans.sample(0, 2));
        pod = TestNode.pod();
        bin = Files.createDirectory(directory.resolve("bin"));
        script("exec nsenter --net=" + node.host.netns() + " " + PLUGIN);
        node.host.run("ip", "link", "set", "eth2", "mtu", "1400");
        node.discover();
        assertThat(PLUGIN).as("install containernetworking-plugins").isExecutable();
    }

    @AfterEach
    void tearDown() {
        pod.close();
        List.of(node, peer).forEach(TestNode::close);
    }

    private void script(String text) throws IOException {
        Path file = Files.writeString(bin.resolve("host-device"), "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private CniCall add(String containerId, TestNamespace sandbox) {
        return CniCall.add(containerId, sandbox, "host-device")
                .podArgs("{\"masters\":[\"eth2\"]}")
                .header("Cni-Path", bin + ":/usr/lib/cni");
    }

    private void attach() {
        var answer = add("a", pod).on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(pod.links()).containsExactly("net1-0");
        assertThat(node.host.links()).containsExactly("eth1");
        node.discover();
        assertThat(node.host.links()).as("a NIC in a pod is left there").containsExactly("eth1");
    }

    /// The state in which the kernel returns a NIC.
    private void returnByTheKernel() {
        assertThat(pod.run("ip", "link", "set", "net1-0", "down")).isEmpty();
        assertThat(pod.run("ip", "link", "set", "net1-0", "netns", node.host.netns()))
                .isEmpty();
        pod.close();
        assertThat(node.host.links()).containsExactly("eth1", "net1-0");
    }

    private void assertRestored() {
        assertThat(node.host.links()).containsExactly("eth1", "eth2");
        Link nic = node.host.stack.link("eth2").orElseThrow();
        assertThat(nic.up()).isTrue();
        assertThat(nic.mtu()).isEqualTo(1400);
        assertThat(node.host.stack.addresses().stream()
                        .filter(address -> address.linkIndex() == nic.index())
                        .map(InterfaceAddress::address)
                        .map(Object::toString)
                        .filter(address -> !address.startsWith("fe80")))
                .containsExactlyInAnyOrder("10.0.2.1/24", "fd00:2::1/64");
        assertThat(node.journal.movedNics().all()).isEmpty();
        node.discover();
        try (var next = TestNode.pod()) {
            var answer = add("next", next).on(node);
            assertThat(answer.code()).as(answer.text()).isZero();
            assertThat(CniCall.del("next", next.netns()).on(node).code()).isZero();
        }
    }

    @Test
    void deletionRestoresAddressesAndState() {
        attach();
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
        assertRestored();
    }

    @Test
    void failedAddRestoresAddressesAndState() throws IOException {
        script("""
                nsenter --net=%s %s || exit 1
                [ $CNI_COMMAND = ADD ] || exit 0
                exit 1""".formatted(node.host.netns(), PLUGIN));
        assertThat(add("a", pod).on(node).code()).isEqualTo(ErrorCode.PLUGIN_FAILED.cniCode());
        assertThat(pod.links()).isEmpty();
        script("exec nsenter --net=" + node.host.netns() + " " + PLUGIN);
        assertRestored();
    }

    @Test
    void nicThatTheKernelReturnedIsRestoredWithoutDeletion() {
        attach();
        returnByTheKernel();
        node.discover();
        assertRestored();
        assertThat(CniCall.del("a", "").on(node).code()).isZero();
        assertThat(node.host.links()).containsExactly("eth1", "eth2");
    }

    @Test
    void nicThatTheKernelReturnedIsRestoredByTheDeletion() {
        attach();
        returnByTheKernel();
        assertThat(CniCall.del("a", "").on(node).code()).isZero();
        assertRestored();
    }

    @Test
    void nicThatComesBackAfterTheDeletionIsRestored() {
        attach();
        assertThat(pod.run("ip", "link", "set", "net1-0", "down")).isEmpty();
        try (var elsewhere = TestNode.pod()) {
            assertThat(pod.run("ip", "link", "set", "net1-0", "netns", elsewhere.netns()))
                    .isEmpty();
            pod.close();
            assertThat(CniCall.del("a", "").on(node).code()).isZero();
            assertThat(node.host.links()).containsExactly("eth1");
            assertThat(elsewhere.run("ip", "link", "set", "net1-0", "netns", node.host.netns()))
                    .isEmpty();
        }
        node.discover();
        assertRestored();
    }

    @ParameterizedTest
    @ValueSource(strings = {"boot", "second boot"})
    void nicIsRestoredAfterACrashOfTheAgentAndAReboot(String boot) {
        attach();
        returnByTheKernel();
        node.boot = boot;
        node.restart();
        assertRestored();
    }

    @Test
    void nicThatSomebodyElseHasConfiguredIsNotChanged() {
        attach();
        returnByTheKernel();
        node.host.run("ip", "link", "set", "net1-0", "name", "data7");
        node.host.run("ip", "link", "set", "data7", "up");
        node.discover();
        assertThat(node.host.links()).containsExactly("data7", "eth1");
        assertThat(node.journal.movedNics().all()).isEmpty();
    }

    @Test
    void anotherPodIsRefusedWithTheNameOfTheHolder() {
        attach();
        try (var other = TestNode.pod()) {
            var answer = add("b", other).on(node);
            assertThat(answer.code()).isEqualTo(ErrorCode.NIC_UNUSABLE.cniCode());
            assertThat(answer.message()).contains("eth2", "is in pod default/pod-a");
        }
    }
}
