package io.multinic.agent.kernel.linux;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.LinkName;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.SkippedMessages;
import io.multinic.agent.kernel.netlink.NetlinkConversation;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.nic.NicDiscovery;
import io.multinic.agent.nic.NicExclusions;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.nic.SysfsDevices;
import io.multinic.agent.plan.FixedPlan;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.RouteTableNames;
import io.multinic.agent.route.plan.RouteFixtures;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Foreign kernel objects of every legal kind do not disturb the agent: dumps succeed, events arrive, NICs are
/// discovered and host routes are complete. Needs root. `-Dseeds=100` for more runs.
@Timeout(120)
final class OddObjectsIT {
    private static final int STEPS = 150;
    private static final int CHECK_EVERY = 15;

    @TempDir
    private Path disk;

    private final LinuxKernel kernel = new LinuxKernel();
    private final NetworkNamespace node = kernel.createNamespace();
    private final NetworkStack stack = kernel.open(node);
    private final NetlinkSocket rawSocket = NamespaceThread.open(node.descriptor(), NetlinkSocket::forRequests);
    private final NetlinkConversation raw = new NetlinkConversation(rawSocket, (type, reason) -> {});
    private final FixedPlan plans = new FixedPlan();
    private final KernelNics nics = new KernelNics(
            stack, new SysfsDevices(Path.of("/sys")), new NicDiscovery(NicExclusions.of(NicExclusions.COMMON)));
    private final Queue<KernelEvent> events = new ConcurrentLinkedQueue<>();
    private final Map<String, Integer> accepted = new TreeMap<>();

    @SuppressWarnings("NullAway.Init")
    private RouteReconciler reconciler;

    private int odd;
    private int number;

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("seeds", 3));
    }

    @BeforeEach
    void createNode() {
        reconciler = new RouteReconciler(
                RouteFixtures.NODE, stack, plans, nics, new RouteTableNames(disk.resolve("names.conf")));
        stack.apply(new Change.SetLinkUp(stack.link("lo").orElseThrow().index(), true));
        cable("eth1", "10.0.1.1/24");
        cable("eth2", "10.0.2.1/24");
        odd = cable("odd0", "10.99.0.1/24");
        nics.refresh();
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(3)));
        checkAgent("at the start");
    }

    private int cable(String name, String address) {
        stack.apply(new Change.AddLink(
                new NewLink.Veth(LinkEnd.of(name), LinkEnd.of("veth-" + name).down())));
        stack.apply(
                new Change.SetLinkUp(stack.link("veth-" + name).orElseThrow().index(), true));
        int index = stack.link(name).orElseThrow().index();
        stack.apply(new Change.AddAddress(InterfaceAddress.of(index, PrefixedAddress.parse(address))));
        return index;
    }

    @AfterEach
    void closeNamespace() {
        rawSocket.close();
        stack.close();
        node.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void agentWorksBesideOddObjects(long seed) throws Exception {
        var objects = new OddObjects(new Random(seed), "odd0", odd);
        var random = new Random(seed);
        try (var _ = kernel.subscribe(node, EnumSet.allOf(EventGroup.class), events::add)) {
            for (int nexthop = 1; nexthop <= 4; nexthop++) {
                ip(List.of("nexthop", "add", "id", "" + nexthop, "dev", "odd0"));
            }
            ip(List.of("nexthop", "add", "id", "5", "group", "1,200/2,1"));
            for (int step = 1; step <= STEPS; step++) {
                create(objects, random.nextInt(7));
                if (step % CHECK_EVERY == 0) {
                    checkAgent("seed " + seed + ", step " + step);
                }
            }
            checkEvents("seed " + seed);
        }
        assertThat(accepted.keySet())
                .as("kinds of which the kernel accepted at least one")
                .contains("rule", "route", "address", "neighbour", "link", "raw", "name");
    }

    private void create(OddObjects objects, int kind) throws Exception {
        switch (kind) {
            case 0 -> count("rule", ip(objects.rule()));
            case 1 -> count("route", ip(objects.route()));
            case 2 -> count("address", ip(objects.address()));
            case 3 -> count("neighbour", ip(objects.neighbour()));
            case 4 -> count("link", ip(objects.link(number++)));
            case 5 -> {
                byte[] name = {(byte) 0xff, (byte) (0xc0 + number++ % 60), 'x'};
                count("name", sent(OddObjects.named(name)));
            }
            default -> {
                for (int i = 0; i < 20; i++) {
                    count("raw", sent(objects.raw()));
                }
            }
        }
    }

    private void count(String kind, boolean success) {
        if (success) {
            accepted.merge(kind, 1, Integer::sum);
        }
    }

    private boolean sent(byte[] message) {
        return raw.execute(List.of(message)).getFirst() == null;
    }

    private boolean ip(List<String> arguments) throws Exception {
        return node.call(() -> {
            var command = new ArrayList<>(List.of("ip"));
            command.addAll(arguments);
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        });
    }

    private void checkAgent(String when) {
        for (IpFamily family : IpFamily.values()) {
            stack.routes(RouteFilter.all(family));
            stack.rules(family);
        }
        stack.addresses();
        stack.links().forEach(link -> stack.neighbours(link.index()));
        nics.refresh();
        assertThat(nics.nics()).as(when).extracting(NodeNic::name).contains("eth1", "eth2");
        assertThat(reconciler.reconcile())
                .as(when)
                .hasValueSatisfying(state -> assertThat(state.networks())
                        .singleElement()
                        .satisfies(network -> assertThat(network.message()).isEmpty()));
    }

    /// The subscription still delivers; every event is accepted by the agent.
    private void checkEvents(String when) {
        int eth1 = stack.link("eth1").orElseThrow().index();
        stack.apply(new Change.SetLinkAlias(eth1, "last"));
        eventually(() -> events.stream()
                .anyMatch(event -> event instanceof KernelEvent.LinkChanged(var link)
                        && link.alias().equals("last")));
        events.forEach(event -> {
            nics.concerns(event);
            reconciler.concerns(event);
        });
        assertThat(events).as(when).hasSizeGreaterThan(STEPS / 3);
    }

    @Test
    void foreignRuleWithHostBitsIsSkippedAndCounted() throws Exception {
        assertThat(ip(List.of("rule", "add", "from", "10.0.0.5/24", "lookup", "100")))
                .isTrue();

        assertThat(stack.rules(IpFamily.IPV4)).noneMatch(rule -> rule.table() == 100);

        assertThat(kernel.skipped().count(SkippedMessages.Kind.RULE)).isEqualTo(1);
        assertThat(kernel.skipped().count(SkippedMessages.Kind.ROUTE)).isZero();
    }

    @Test
    void linkWithSixtyKilobytesOfAlternativeNamesIsListed() throws Exception {
        for (int i = 0; i < 40; i++) {
            var command = new ArrayList<>(List.of("link", "property", "add", "dev", "odd0"));
            for (int name = 0; name < 10; name++) {
                command.addAll(List.of("altname", "n".repeat(120) + i + "-" + name));
            }
            assertThat(ip(command)).isTrue();
        }

        assertThat(stack.links()).extracting(link -> link.name()).contains("odd0", "eth1");
        assertThat(stack.link("odd0")).isPresent();
    }

    @Test
    void namesThatAreNoTextStayDistinct() {
        for (int last : new int[] {0xfe, 0xff}) {
            assertThat(sent(OddObjects.named(new byte[] {'b', (byte) last}))).isTrue();
        }
        assertThat(stack.links())
                .extracting(link -> link.name())
                .contains("b\\xfe", "b\\xff")
                .doesNotHaveDuplicates();
    }

    @Test
    void namesOfLinksAreCheckedAsTheKernelChecksThem() {
        for (int character = 0x21; character < 0x180; character++) {
            if (character == '%' || (character >= 0x7f && character < 0xa0)) {
                continue; // a pattern, and control characters
            }
            String name = "a" + Character.toString(character);
            boolean valid = LinkName.fault(name).isEmpty();
            assertThat(sent(OddObjects.named(name.getBytes(StandardCharsets.UTF_8))))
                    .as(name)
                    .isEqualTo(valid);
        }
    }

    /// The descriptor of the subscription's socket is replaced by one that is no socket, so that reading fails.
    @Test
    void subscriptionIsOpenedAgainAfterAnError() throws Exception {
        List<Integer> before = Descriptors.sockets();
        try (var _ = kernel.subscribe(node, EnumSet.of(EventGroup.LINKS), events::add)) {
            List<Integer> opened = new ArrayList<>(Descriptors.sockets());
            opened.removeAll(before);
            assertThat(opened).hasSize(1);
            Descriptors.replaceByNothing(opened.getFirst());
            stack.apply(new Change.SetLinkAlias(odd, "wakes the reader"));

            eventually(() -> events.contains(new KernelEvent.Overrun()));
            events.clear();
            stack.apply(new Change.SetLinkAlias(odd, "after the error"));
            eventually(() -> events.stream()
                    .anyMatch(event -> event instanceof KernelEvent.LinkChanged(var link)
                            && link.alias().equals("after the error")));
        }
        assertThat(Descriptors.sockets()).hasSameSizeAs(before);
    }

    @Test
    @Timeout(30)
    void subscriptionSurvivesErrorsOfItsListener() throws Exception {
        var received = new LinkedBlockingQueue<String>();
        try (var _ = kernel.subscribe(node, EnumSet.of(EventGroup.LINKS), event -> {
            if (event instanceof KernelEvent.LinkChanged(var link)) {
                received.add(link.alias());
                throw new AssertionError("thrown by the test");
            }
        })) {
            for (String alias : List.of("one", "two")) {
                stack.apply(new Change.SetLinkAlias(odd, alias));
                assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo(alias);
            }
        }
    }
}
