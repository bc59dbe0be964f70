package io.multinic.agent.cni;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.multinic.agent.attach.AttachmentQueues;
import io.multinic.agent.attach.AttachmentRecovery;
import io.multinic.agent.attach.AttachmentService;
import io.multinic.agent.attach.PlanningSources;
import io.multinic.agent.attach.SelectionSources;
import io.multinic.agent.gpu.PodGpus;
import io.multinic.agent.gpu.SysfsGpus;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.NodeKernel;
import io.multinic.agent.kernel.linux.LinuxKernel;
import io.multinic.agent.metrics.AgentMetrics;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.nic.NicDiscovery;
import io.multinic.agent.nic.NicExclusions;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.nic.ReturnedNics;
import io.multinic.agent.nic.SysfsDevices;
import io.multinic.agent.plan.FixedPlan;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.RouteTableNames;
import io.multinic.agent.select.DeviceClasses;
import io.multinic.agent.select.Topology;
import io.multinic.contract.address.PrefixedAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
    Duration pluginTimeout = Duration.ofSeconds(5);
    DeviceClasses deviceClasses = DeviceClasses.UNKNOWN;
    Instant now = Instant.parse("2026-11-24T12:00:00Z");
    SqliteJournal journal;
    AttachmentService attachments;
    AttachmentQueues queues = new AttachmentQueues();
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

    private SelectionSources sources() {
        var gpus = new PodGpus(directory.resolve("device-plugins"), new SysfsGpus(sysfs(), directory.resolve("proc")));
        return new SelectionSources() {
            @Override
            public DeviceClasses deviceClasses() {
                return deviceClasses;
            }

            @Override
            public Topology topology(String podUid, List<NodeNic> nodeNics) {
                return gpus.topology(podUid, nodeNics);
            }
        };
    }

    /// Describes the NIC `eth<n>` in the node's sysfs, which describes none without this.
    ///
    /// @param pciId vendor and product, `15b3:1021`
    void device(int n, String pciId, int speedMbps) throws IOException {
        Path device = pciDevice(n, 2, "0x020000");
        Path entry = Files.createDirectories(sysfs().resolve("class/net/eth" + n));
        Files.writeString(device.resolve("vendor"), "0x" + pciId.substring(0, 4) + "\n");
        Files.writeString(device.resolve("device"), "0x" + pciId.substring(5) + "\n");
        Files.writeString(entry.resolve("speed"), speedMbps + "\n");
        int index = host.stack.link("eth" + n).orElseThrow().index();
        Files.writeString(entry.resolve("ifindex"), index + "\n");
        Files.createSymbolicLink(entry.resolve("device"), device);
        nics.refresh();
    }

    /// Assigns GPUs to the pod with the UID `u1`, each at the switch of the NIC `eth<n>`.
    void gpus(int... switches) throws IOException {
        List<String> ids = new ArrayList<>();
        for (int n : switches) {
            ids.add("\"" + pciDevice(n, 3, "0x030200").getFileName() + "\"");
        }
        Path devicePlugins = Files.createDirectories(directory.resolve("device-plugins"));
        Files.writeString(devicePlugins.resolve("kubelet_internal_checkpoint"), """
                {"Data":{"PodDeviceEntries":[
                  {"PodUID":"u1","ResourceName":"amd.com/gpu","DeviceIDs":{"0":[%s]}}]},"Checksum":1}\
                """.formatted(String.join(",", ids)));
    }

    private Path pciDevice(int bus, int slot, String deviceClass) throws IOException {
        String path = "devices/pci0000:0%1$d/0000:0%1$d:01.0/0000:0%1$d:0%2$d.0".formatted(bus, slot);
        Path device = Files.createDirectories(sysfs().resolve(path));
        Files.writeString(device.resolve("class"), deviceClass + "\n");
        Path entries = Files.createDirectories(sysfs().resolve("bus/pci/devices"));
        Files.createSymbolicLink(entries.resolve(device.getFileName()), device);
        return device;
    }

    private AttachmentService service(Kernel seen, AllocationStore store) {
        var settings = new AttachmentService.Settings(boot, Duration.ofSeconds(30), pluginTimeout, pluginPath);
        return new AttachmentService(
                store,
                new PlanningSources(plan, nics, sources()),
                new ReturnedNics(host.stack, journal.movedNics()),
                seen,
                () -> now,
                settings);
    }

    /// Restarts the agent on its journal, with kernel and store wrapped by the test.
    void restart(Function<Kernel, Kernel> kernels, Function<AllocationStore, AllocationStore> stores) {
        stop();
        queues = new AttachmentQueues();
        journal = SqliteJournal.open(journalPath());
        attachments = service(kernels.apply(kernel), stores.apply(journal.allocations()));
        handler = new CniHandler(attachments, new AgentMetrics(new SimpleMeterRegistry()));
    }

    void restart() {
        restartBesideRecovery();
        awaitWork();
        discover();
    }

    /// Restarts the agent without waiting for the recovery of attachments.
    void restartBesideRecovery() {
        restart(Function.identity(), Function.identity());
        new AttachmentRecovery(attachments, queues).start();
    }

    /// Waits for the end of recovery and of detachments.
    void awaitWork() {
        try {
            if (!queues.awaitIdle(Duration.ofSeconds(60))) {
                throw new IllegalStateException("work on attachments does not end");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void stop() {
        queues.close();
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
        attachments.restoreNics();
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
}
