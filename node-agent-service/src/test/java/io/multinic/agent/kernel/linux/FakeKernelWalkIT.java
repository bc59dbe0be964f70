package io.multinic.agent.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.FakeKernel;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Applies the same random changes to the fake and the real kernel: same refusals, and same state after each step.
/// Justifies tests on the fake. Needs root. `-Dseeds=100` for more walks.
final class FakeKernelWalkIT {
    private static final int STEPS = 500;
    private static final int OURS = 201;
    private static final int LOCAL_TABLE = 255;
    private static final int NO_LINK = 99;
    private static final Pattern INDEX = Pattern.compile("\\b(dev|link) (\\d+)");
    private static final List<String> NAMES = List.of("a0", "a1", "b0", "b1");
    private static final HardwareAddress MAC = new HardwareAddress("02:00:00:00:00:01");

    /// A host and a pod namespace of one kernel.
    private record World(TestPod host, TestPod pod) implements AutoCloseable {
        World(Kernel kernel) {
            this(new TestPod(kernel), new TestPod(kernel));
        }

        TestPod side(boolean inPod) {
            return inPod ? pod : host;
        }

        @Override
        public void close() {
            host.close();
            pod.close();
        }
    }

    /// A change that can be made in either kernel, given the index of its link there.
    private interface Step {
        Change in(World world, int link);
    }

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("seeds", 5));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void fakeBehavesLikeTheKernel(long seed) {
        var random = new Random(seed);
        try (var fake = new World(new FakeKernel());
                var real = new World(new LinuxKernel())) {
            for (int i = 0; i < STEPS; i++) {
                boolean inPod = random.nextInt(3) == 0;
                String target = NAMES.get(random.nextInt(NAMES.size()));
                Step step = step(random, inPod, target);
                Change change = change(real, inPod, target, step);
                String where = "seed " + seed + ", step " + i + " in " + (inPod ? "pod: " : "host: ") + target + ": "
                        + change.description();
                String faked = outcome(fake, inPod, change(fake, inPod, target, step));
                assertThat(faked).as(where).isEqualTo(outcome(real, inPod, change));
                assertThat(state(fake)).as(where).isEqualTo(state(real));
            }
        }
    }

    private static Change change(World world, boolean inPod, String target, Step step) {
        int index = world.side(inPod).stack.link(target).map(Link::index).orElse(NO_LINK);
        return step.in(world, index);
    }

    private static String outcome(World world, boolean inPod, Change change) {
        KernelException failure =
                world.side(inPod).stack.attempt(List.of(change)).getFirst().failure();
        return failure == null ? "done" : failure.errno().name();
    }

    private static List<String> state(World world) {
        var lines = new TreeSet<String>();
        for (boolean inPod : new boolean[] {false, true}) {
            var stack = world.side(inPod).stack;
            var found = new ArrayList<String>();
            stack.links().forEach(link -> found.add(shown(world, inPod, link)));
            stack.addresses().stream()
                    .filter(address -> address.address().address().family() == IpFamily.IPV4)
                    .forEach(address -> found.add(address.toString()));
            stack.routes(RouteFilter.all(IpFamily.IPV4)).stream()
                    .filter(route -> route.table() != LOCAL_TABLE)
                    .forEach(route -> found.add(route.toString()));
            stack.rules(IpFamily.IPV4).forEach(rule -> found.add(rule.toString()));
            stack.links()
                    .forEach(link -> stack.neighbours(link.index()).stream()
                            .filter(neighbour -> neighbour.address().family() == IpFamily.IPV4)
                            .forEach(neighbour -> found.add(neighbour.toString())));
            found.forEach(line -> lines.add((inPod ? "pod " : "host ") + named(world, inPod, line)));
        }
        return List.copyOf(lines);
    }

    /// Names instead of indexes: the kernel also consumes an index for a link that it then refuses.
    private static String named(World world, boolean inPod, String line) {
        return INDEX.matcher(line)
                .replaceAll(match -> match.group(1) + " "
                        + world.side(inPod)
                                .stack
                                .link(Integer.parseInt(match.group(2)))
                                .orElseThrow()
                                .name());
    }

    private static String shown(World world, boolean inPod, Link link) {
        var parents = world.side(inPod ^ link.parentNamespaceId() >= 0).stack;
        String parent = link.parentIndex() == 0
                ? "none"
                : parents.link(link.parentIndex()).orElseThrow().name();
        return link.name() + " " + link.kind() + " " + link.mode() + (link.up() ? " up" : " down")
                + " mtu " + link.mtu() + " parent " + parent
                + (link.parentNamespaceId() < 0 ? "" : " elsewhere") + " group " + link.group() + " " + link.alias();
    }

    private static Step step(Random random, boolean inPod, String target) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        boolean elsewhere = random.nextBoolean();
        return switch (random.nextInt(20)) {
            case 0, 1 -> {
                String peer = NAMES.get(random.nextInt(NAMES.size()));
                boolean up = random.nextBoolean();
                yield (world, link) -> new Change.AddLink(new NewLink.Veth(
                        up
                                ? LinkEnd.of(name).in(world.side(elsewhere).namespace)
                                : LinkEnd.of(name).down(),
                        LinkEnd.of(peer).in(world.host.namespace).down()));
            }
            case 2, 3 -> {
                var mode = random.nextBoolean() ? NewLink.MacvlanMode.BRIDGE : NewLink.MacvlanMode.PRIVATE;
                yield (world, link) -> new Change.AddLink(
                        new NewLink.Macvlan(link, mode, LinkEnd.of(name).in(world.side(elsewhere).namespace)));
            }
            case 4 -> (world, link) -> new Change.DeleteLink(link);
            case 5, 6, 7 -> {
                boolean up = random.nextInt(4) > 0;
                yield (world, link) -> new Change.SetLinkUp(link, up);
            }
            case 8 -> (world, link) -> new Change.MoveLink(link, world.side(!inPod).namespace, name);
            case 9 -> {
                int group = random.nextInt(3);
                yield (world, link) -> new Change.SetLinkGroup(link, group);
            }
            case 10 -> (world, link) -> new Change.AddAddress(address(target, link));
            case 11 -> (world, link) -> new Change.ReplaceAddress(address(target, link));
            case 12 -> (world, link) -> new Change.DeleteAddress(address(target, link));
            case 13, 14 -> route(random, Change.AddRoute::new);
            case 15 -> route(random, Change.ReplaceRoute::new);
            case 16 -> route(random, Change.DeleteRoute::new);
            case 17 -> fixed(new Change.AddRule(rule(random)));
            case 18 -> fixed(new Change.DeleteRule(rule(random)));
            default -> {
                var address = IpAddress.parse("10.0.9." + random.nextInt(3));
                boolean replace = random.nextBoolean();
                yield (world, link) -> {
                    var neighbour = Neighbour.permanent(link, address, MAC);
                    return replace ? new Change.ReplaceNeighbour(neighbour) : new Change.DeleteNeighbour(neighbour);
                };
            }
        };
    }

    private static Step fixed(Change change) {
        return (world, link) -> change;
    }

    /// Each link name has one network of its own.
    private static InterfaceAddress address(String name, int index) {
        return InterfaceAddress.of(index, PrefixedAddress.parse("10.0." + NAMES.indexOf(name) + ".1/24"));
    }

    private static Step route(Random random, Function<Route, Change> change) {
        var destination = Cidr.parse("192.168." + random.nextInt(3) + ".0/24");
        var gateway = IpAddress.parse("10.0." + random.nextInt(NAMES.size()) + ".9");
        int table = random.nextBoolean() ? Route.MAIN_TABLE : 70_001;
        int kind = random.nextInt(5);
        return (world, link) -> change.apply((switch (kind) {
                    case 0 -> Route.to(destination, OURS, NextHop.dev(link));
                    case 1 ->
                        Route.to(destination, OURS, NextHop.via(gateway, link).onLinkGateway());
                    case 2 -> Route.unreachable(destination, OURS);
                    default -> Route.to(destination, OURS, NextHop.via(gateway, link));
                })
                .inTable(table));
    }

    private static Rule rule(Random random) {
        var to = Cidr.parse("192.168." + random.nextInt(2) + ".0/24");
        return Rule.to(to, 70_001, 2000 + random.nextInt(2), OURS);
    }
}
