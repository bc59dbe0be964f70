package io.multinic.agent.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelContract;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.netlink.LinkWriter;
import io.multinic.agent.kernel.netlink.Rtnetlink;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The kernel contract on the real kernel, and tests that need a real one. Needs root.
final class LinuxKernelIT extends KernelContract {
    private final LinuxKernel linux = new LinuxKernel();

    @Override
    protected Kernel kernel() {
        return linux;
    }

    @Test
    void warmUpNeedsNoPrivilegeAndLeavesNothingOpen() throws IOException {
        linux.warmUp();
        long before = openFiles();
        linux.warmUp();
        assertThat(openFiles()).isEqualTo(before);
    }

    @Test
    @Timeout(10)
    void fileThatIsNoNetworkNamespaceIsRefusedWithoutBlocking(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        for (Path path : List.of(file, pipe, directory, Path.of("/dev/null"), Path.of("/proc/self/ns/mnt"))) {
            assertThatThrownBy(() -> linux.openNamespace(path))
                    .isInstanceOfSatisfying(
                            MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NETNS_UNUSABLE))
                    .hasMessage("network namespace '" + path + "': it is not a network namespace");
        }
    }

    @Test
    void anotherProcessCanOpenANamespaceByItsPath() throws Exception {
        try (var pod = new TestPod(linux);
                NetworkNamespace again = linux.openNamespace(pod.namespace.path())) {
            pod.nic();
            assertThat(again.id()).isEqualTo(pod.namespace.id());
            var ip = new ProcessBuilder(
                            "nsenter", "--net=" + pod.namespace.path(), "ip", "-brief", "link", "show", "dev", "nic0")
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(ip.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .startsWith("nic0@wire0 ");
        }
    }

    @Test
    void proxyDelayIsVisibleToIp() throws Exception {
        try (var pod = new TestPod(linux)) {
            pod.stack.apply(new Change.SetProxyDelay(pod.nic().index(), Duration.ofMillis(120)));
            assertThat(pod.namespace.sysctl("net/ipv4/neigh/nic0/proxy_delay")).isEqualTo("12");
            pod.stack.apply(new Change.SetProxyDelay(
                    pod.stack.link("nic0").orElseThrow().index(), Duration.ZERO));
            assertThat(pod.namespace.sysctl("net/ipv4/neigh/nic0/proxy_delay")).isEqualTo("0");
            assertThat(pod.namespace.sysctl("net/ipv4/neigh/wire0/proxy_delay")).isEqualTo("80");
        }
    }

    /// Accepts both results: ipvlan is created, or KERNEL_LACKS_SUPPORT.
    @Test
    void ipvlanIsCreatedOrReportedAsUnsupportedByTheKernel() {
        try (var pod = new TestPod(linux)) {
            var ipvlan = new NewLink.Ipvlan(pod.nic().index(), NewLink.IpvlanMode.L3, pod.end("net1-0"));
            KernelException failure = pod.stack
                    .attempt(List.of(new Change.AddLink(ipvlan)))
                    .getFirst()
                    .failure();
            if (failure == null) {
                assertThat(pod.stack.link("net1-0"))
                        .hasValueSatisfying(link -> assertThat(link.mode()).isEqualTo("l3"));
            } else {
                assertThat(failure.code()).isEqualTo(ErrorCode.KERNEL_LACKS_SUPPORT);
                assertThat(failure.errno()).isEqualTo(Errno.EOPNOTSUPP);
                assertThat(failure).hasMessage("cannot add ipvlan net1-0: EOPNOTSUPP (Unknown device type)");
            }
        }
    }

    @Test
    void changesAreRefusedWithoutNetAdminAndReadingWorks() throws Exception {
        try (var pod = new TestPod(linux)) {
            int nic = pod.nic().index();
            pod.namespace.call(() -> {
                Capabilities.dropNetAdmin();
                try (var stack = new NetlinkStack(NetlinkSocket.forRequests(), (type, reason) -> {})) {
                    assertThat(stack.links()).hasSize(3);
                    assertThatThrownBy(() -> stack.apply(new Change.SetLinkUp(nic, false)))
                            .isInstanceOfSatisfying(
                                    KernelException.class,
                                    e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
                }
                return null;
            });
        }
    }

    /// Fifty concurrent attachments on virtual threads, as in a burst of pods.
    @Test
    @Timeout(60)
    void concurrentAttachmentsAreCreatedAndRemovedWithoutALeak() throws Exception {
        linux.warmUp();
        try (var node = new TestPod(linux)) {
            int nic = node.nic().index();
            long before = openFiles();
            try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                var attachments = new ArrayList<java.util.concurrent.Future<?>>();
                for (int i = 0; i < 50; i++) {
                    String address = "192.168.0." + (i + 1) + "/18";
                    attachments.add(executor.submit(() -> attachAndDetach(node, nic, address)));
                }
                for (var attachment : attachments) {
                    attachment.get();
                }
            }
            assertThat(openFiles()).isEqualTo(before);
            assertThat(node.stack.links()).hasSize(3);
        }
    }

    private void attachAndDetach(TestPod node, int nic, String address) {
        try (var pod = new TestPod(linux)) {
            node.stack.apply(
                    new Change.AddLink(new NewLink.Macvlan(nic, NewLink.MacvlanMode.BRIDGE, pod.end("net1-0"))));
            Link link = pod.address("net1-0", address);
            assertThat(pod.stack.addresses())
                    .anyMatch(found -> found.address().toString().equals(address));
            pod.stack.deleteLinks(List.of(link.index()));
        }
    }

    @Test
    @Timeout(60)
    void lostEventsAreReportedAsAnOverrun() throws Exception {
        var events = new LinkedBlockingQueue<KernelEvent>();
        var gate = new CountDownLatch(1);
        try (var pod = new TestPod(linux);
                var _ = linux.subscribe(pod.namespace, Set.of(EventGroup.ROUTES), event -> {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    events.add(event);
                })) {
            int nic = pod.nic().index();
            var routes = new ArrayList<Change>();
            for (int i = 0; i < 20_000; i++) {
                var destination = new Cidr(IpAddress.parse("172.16.0.0").plus(i), 32);
                routes.add(new Change.AddRoute(Route.to(destination, 201, NextHop.dev(nic))));
            }
            pod.stack.apply(routes);
            gate.countDown();
            while (true) {
                KernelEvent event = events.poll(20, TimeUnit.SECONDS);
                assertThat(event).as("an overrun").isNotNull();
                if (event instanceof KernelEvent.Overrun) {
                    return;
                }
            }
        }
    }

    @Test
    @Timeout(20)
    void messagesOfOtherProcessesAreIgnored() throws Exception {
        var received = new LinkedBlockingQueue<KernelEvent>();
        try (var namespace = linux.createNamespace();
                var _ = linux.subscribe(namespace, Set.of(EventGroup.LINKS), received::add)) {
            namespace.call(() -> {
                ForgedMessage.send(
                        LinkWriter.message(Rtnetlink.RTM_NEWLINK, 0, 77, 0, 0).finish());
                return null;
            });
            try (var pod = new TestPod(linux, namespace)) {
                pod.nic();
            }
            assertThat(received.poll(10, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            KernelEvent.LinkChanged.class,
                            event -> assertThat(event.link().index()).isNotEqualTo(77));
        }
    }

    /// An exception of a listener does not end the subscription.
    @Test
    @Timeout(20)
    void eventsContinueAfterAListenerThrew() throws Exception {
        var received = new LinkedBlockingQueue<KernelEvent>();
        var thrown = new LinkedBlockingQueue<Throwable>();
        var previous = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> thrown.add(e));
        try (var pod = new TestPod(linux);
                var _ = linux.subscribe(pod.namespace, Set.of(EventGroup.LINKS), event -> {
                    received.add(event);
                    if (received.size() == 1) {
                        throw new IllegalStateException("the listener's own fault");
                    }
                })) {
            pod.nic();
            assertThat(thrown.poll(10, TimeUnit.SECONDS)).hasMessage("the listener's own fault");
            received.poll();
            assertThat(received.poll(10, TimeUnit.SECONDS)).isNotNull();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(previous);
        }
    }

    private static long openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
