package io.multinic.agent.cni;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NamespaceActivity;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.Subscription;
import io.multinic.agent.kernel.linux.LinuxKernel;
import io.multinic.agent.metrics.AgentMetrics;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.nic.NicDiscovery;
import io.multinic.agent.nic.NicExclusions;
import io.multinic.agent.nic.SysfsDevices;
import io.multinic.agent.plan.FixedPlan;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.RouteTableNames;
import io.multinic.agent.select.DeviceClasses;
import io.multinic.contract.address.PrefixedAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// A node in a namespace of its own with its agent, from the journal to the CNI handler; the test sets the plan.
final class TestNode implements AutoCloseable {
    private static final Kernel KERNEL = new LinuxKernel();

    final TestNamespace host = new TestNamespace(KERNEL);
    final FixedPlan plan = new FixedPlan();
    final Path directory;
    final int index;
    String boot = "boot";
    List<String> pluginPath = List.of();
    DeviceClasses deviceClasses = DeviceClasses.UNKNOWN;
    Instant now = Instant.parse("2026-11-24T12:00:00Z");
    SqliteJournal journal;
    AttachmentService attachments;
    CniHandler handler;
    private final NodeKernel kernel = new NodeKernel(KERNEL, host.namespace.path());
    private final KernelNics nics;

    /// @param index of the host in the plan, from 0
    TestNode(Path directory, int index) {
        this.directory = directory.resolve("node" + index);
        this.index = index;
        this.nics = new KernelNics(
                kernel.open(host.namespace),
                new SysfsDevices(sysfs()),
                new NicDiscovery(NicExclusions.of(NicExclusions.COMMON)));
        this.journal = SqliteJournal.open(journalPath());
        journal.outbox().confirm(0);
        this.attachments = service(kernel, journal.allocations());
        this.handler = new CniHandler(attachments, new AgentMetrics(new SimpleMeterRegistry()));
    }

    static TestNamespace pod() {
        return new TestNamespace(KERNEL);
    }

    Path journalPath() {
        return directory.resolve("journal.db");
    }

    private Path sysfs() {
        return directory.resolve("sysfs");
    }

    /// Describes a NIC in the node's sysfs, which describes none without this.
    ///
    /// @param pciId vendor and product, `15b3:1021`
    void device(String nic, String pciId, int speedMbps) throws IOException {
        Path device = sysfs().resolve("devices/pci0000:00/0000:00:0" + nic.replaceAll("\\D", "") + ".0");
        Path entry = sysfs().resolve("class/net").resolve(nic);
        Files.createDirectories(device);
        Files.createDirectories(entry);
        String vendor = pciId.substring(0, 4);
        Files.writeString(device.resolve("vendor"), "0x" + vendor + "\n");
        Files.writeString(device.resolve("device"), "0x" + pciId.substring(5) + "\n");
        Files.writeString(entry.resolve("speed"), speedMbps + "\n");
        Files.writeString(
                entry.resolve("ifindex"), host.stack.link(nic).orElseThrow().index() + "\n");
        Files.createSymbolicLink(entry.resolve("device"), device);
        nics.refresh();
    }

    private AttachmentService service(Kernel seen, AllocationStore store) {
        var settings = new AttachmentService.Settings(boot, Duration.ofSeconds(30), Duration.ofSeconds(5), pluginPath);
        return new AttachmentService(store, plan, nics, () -> deviceClasses, seen, () -> now, settings);
    }

    /// Restarts the agent on its journal, with kernel and store wrapped by the test.
    void restart(Function<Kernel, Kernel> kernels, Function<AllocationStore, AllocationStore> stores) {
        stop();
        journal = SqliteJournal.open(journalPath());
        attachments = service(kernels.apply(kernel), stores.apply(journal.allocations()));
        handler = new CniHandler(attachments, new AgentMetrics(new SimpleMeterRegistry()));
    }

    void restart() {
        restart(Function.identity(), Function.identity());
        attachments.recover();
    }

    private void stop() {
        attachments.close();
        journal.close();
    }

    /// Connects NICs of two nodes: host `h` has 10.0.n.h+1 and an IPv6 address on `eth<n>`.
    static void cable(TestNode one, TestNode other, int n) {
        String name = "eth" + n;
        one.host.stack.apply(new Change.AddLink(new NewLink.Veth(
                LinkEnd.of(name), LinkEnd.of(name).in(other.host.namespace).down())));
        one.address(name, n);
        other.address(name, n);
    }

    private void address(String name, int n) {
        int link = host.stack.link(name).orElseThrow().index();
        host.stack.apply(
                new Change.SetLinkUp(link, true),
                new Change.AddAddress(
                        InterfaceAddress.of(link, PrefixedAddress.parse("10.0." + n + "." + (index + 1) + "/24"))),
                new Change.AddAddress(
                        InterfaceAddress.of(link, PrefixedAddress.parse("fd00:" + n + "::" + (index + 1) + "/64"))));
        nics.refresh();
    }

    /// Waits for duplicate address detection of the NICs' link-local addresses, which takes
    /// about two seconds.
    void awaitLinkLocal() throws InterruptedException {
        while (host.stack.addresses().stream()
                .anyMatch(address -> address.flags().contains(InterfaceAddress.Flag.TENTATIVE))) {
            Thread.sleep(20);
        }
    }

    /// Discovers the NICs again, as after an event.
    void discover() {
        nics.refresh();
    }

    /// Creates the routes of the plan.
    void reconcileRoutes() {
        new RouteReconciler(
                        "node" + index,
                        host.stack,
                        plan,
                        nics,
                        new RouteTableNames(directory.resolve("rt_tables.conf")))
                .reconcile();
    }

    @Override
    public void close() {
        stop();
        host.close();
    }

    /// A kernel whose own namespace is that of a test node.
    private record NodeKernel(Kernel kernel, Path node) implements Kernel {
        @Override
        public NetworkNamespace ownNamespace() {
            return kernel.openNamespace(node);
        }

        @Override
        public NetworkNamespace openNamespace(Path path) {
            return kernel.openNamespace(path);
        }

        @Override
        public NetworkNamespace createNamespace() {
            return kernel.createNamespace();
        }

        @Override
        public NetworkStack open(NetworkNamespace namespace) {
            return kernel.open(namespace);
        }

        @Override
        public Subscription watch(NetworkNamespace namespace, Consumer<NamespaceActivity> listener) {
            return kernel.watch(namespace, listener);
        }

        @Override
        public Subscription subscribe(
                NetworkNamespace namespace, Set<EventGroup> groups, Consumer<KernelEvent> listener) {
            return kernel.subscribe(namespace, groups, listener);
        }
    }
}
