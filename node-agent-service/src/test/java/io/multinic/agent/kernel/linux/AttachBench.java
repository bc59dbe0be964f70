package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.PrefixedAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Measures the time of one attachment and detachment in the kernel. Needs root.
///
/// After `build/mvn -pl node-agent-service -am test-compile`:
/// `java --enable-native-access=ALL-UNNAMED
/// -cp node-agent-service/target/test-classes:node-agent-service/target/classes:contract/target/classes
/// io.multinic.agent.kernel.linux.AttachBench`
final class AttachBench {
    private static final int WARM_UP = 300;
    private static final int ROUNDS = 1000;

    private final LinuxKernel kernel = new LinuxKernel();

    private interface Attachment {
        /// Attaches and returns the indexes of the links in the pod that detaching must delete.
        List<Integer> attach(TestPod node, TestPod pod);
    }

    public static void main(String... arguments) {
        var bench = new AttachBench();
        long start = System.nanoTime();
        bench.kernel.warmUp();
        System.out.printf("warm-up                 %8.2f ms%n", (System.nanoTime() - start) / 1e6);
        try (var node = new TestPod(bench.kernel)) {
            int nic = node.nic().index();
            bench.run("macvlan", node, (host, pod) -> macvlan(host, nic, pod));
            bench.run("routed veth", node, AttachBench::routedVeth);
        }
    }

    private static List<Integer> macvlan(TestPod node, int nic, TestPod pod) {
        node.stack.apply(new Change.AddLink(new NewLink.Macvlan(nic, NewLink.MacvlanMode.BRIDGE, pod.end("net1-0"))));
        Link link = pod.stack.link("net1-0").orElseThrow();
        pod.stack.apply(
                new Change.AddAddress(InterfaceAddress.of(link.index(), PrefixedAddress.parse("192.168.0.1/18"))),
                new Change.AddRoute(Route.to(Cidr.parse("10.9.0.0/16"), 201, NextHop.dev(link.index()))));
        return List.of(link.index());
    }

    private static List<Integer> routedVeth(TestPod node, TestPod pod) {
        node.stack.apply(new Change.AddLink(
                new NewLink.Veth(pod.end("net1-0"), LinkEnd.of("mnic1").down())));
        Link link = pod.stack.link("net1-0").orElseThrow();
        int outer = link.parentIndex();
        node.stack.apply(
                new Change.SetLinkUp(outer, true),
                new Change.SetIpv4(outer, Map.of(Ipv4Setting.PROXY_ARP, 1, Ipv4Setting.FORWARDING, 1)),
                new Change.SetProxyDelay(outer, Duration.ZERO),
                new Change.AddRoute(Route.to(Cidr.parse("192.168.0.1/32"), 201, NextHop.dev(outer))));
        pod.stack.apply(
                new Change.AddAddress(InterfaceAddress.of(link.index(), PrefixedAddress.parse("192.168.0.1/18"))));
        return List.of(link.index());
    }

    private void run(String name, TestPod node, Attachment attachment) {
        var open = new long[ROUNDS];
        var attach = new long[ROUNDS];
        var detach = new long[ROUNDS];
        for (int i = -WARM_UP; i < ROUNDS; i++) {
            try (var namespace = kernel.createNamespace()) {
                long start = System.nanoTime();
                try (var pod = new TestPod(kernel, namespace)) {
                    long opened = System.nanoTime();
                    List<Integer> links = attachment.attach(node, pod);
                    long attached = System.nanoTime();
                    pod.stack.deleteLinks(links);
                    if (i >= 0) {
                        open[i] = opened - start;
                        attach[i] = attached - opened;
                        detach[i] = System.nanoTime() - attached;
                    }
                }
            }
        }
        print(name + ": open pod", open);
        print(name + ": attach", attach);
        print(name + ": detach", detach);
    }

    private static void print(String name, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf(
                "%-23s p50 %8.3f ms   p95 %8.3f ms%n",
                name, nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 95 / 100] / 1e6);
    }
}
