package io.multinic.agent.plan;

import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.ipam.HttpNodeIpamClient;
import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.linux.LinuxKernel;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.nic.NicDiscovery;
import io.multinic.agent.nic.NicExclusions;
import io.multinic.agent.nic.SysfsDevices;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.RouteTableNames;
import io.multinic.agent.route.plan.HostRoutesState;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.retry.Backoff;
import io.multinic.contract.trust.Credentials;
import java.lang.ref.Reference;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// A process with the parts of the agent that hold the plan: poll, plan on disk, host routes in a namespace of its own.
///
/// Arguments: URL of the service, a directory, number of plans to apply, MiB of other objects in the heap. It prints
/// `applied <revision> <routes> <milliseconds> <heap MiB>` for each plan. An error ends it with status 1.
final class LargePlanMain {
    private LargePlanMain() {}

    /// @param arguments see the class
    public static void main(String... arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        byte[][] others = new byte[Integer.parseInt(arguments[3])][1 << 20];
        Thread.setDefaultUncaughtExceptionHandler((_, e) -> {
            e.printStackTrace();
            System.exit(1);
        });
        var kernel = new LinuxKernel();
        var node = kernel.createNamespace();
        var stack = kernel.open(node);
        addNics(stack);
        var nics = new KernelNics(
                stack, new SysfsDevices(Path.of("/sys")), new NicDiscovery(NicExclusions.of(NicExclusions.COMMON)));
        nics.refresh();
        var identity = new NodeIdentity(directory.resolve("uid"));
        identity.learn("uid-1");
        var ipam = new HttpNodeIpamClient(
                URI.create(arguments[0]), Credentials.none(), "node1", Duration.ofSeconds(5), Duration.ofSeconds(60));
        var journal = SqliteJournal.open(directory.resolve("journal.db"));
        var retry = new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), new Random(1));
        var timing = new PlanFollower.Timing(Duration.ofSeconds(60), retry, Clock.systemUTC());
        var follower = new PlanFollower(ipam, journal.plans(), identity, new NoSessions(), timing);
        var names = new RouteTableNames(directory.resolve("names.conf"));
        var routes = new RouteReconciler("node1", stack, follower, nics, names);
        try {
            follow(follower, routes, Integer.parseInt(arguments[2]));
        } finally {
            Reference.reachabilityFence(others);
        }
        System.exit(0);
    }

    private static void follow(PlanFollower follower, RouteReconciler routes, int plans) throws InterruptedException {
        var changed = new LinkedBlockingQueue<Long>();
        follower.onChange(plan -> changed.add(plan.revision()));
        follower.start();
        for (int plan = 0; plan < plans; plan++) {
            changed.take();
            long start = System.nanoTime();
            HostRoutesState state = routes.reconcile().orElseThrow();
            report(state, (System.nanoTime() - start) / 1_000_000);
            follower.status().lastError().ifPresent(error -> {
                throw new IllegalStateException(error);
            });
        }
    }

    private static void addNics(NetworkStack stack) {
        for (int nic = 0; nic < LargePlanIT.NICS; nic++) {
            stack.apply(new Change.AddLink(new NewLink.Veth(
                    LinkEnd.of("eth" + nic), LinkEnd.of("wire" + nic).down())));
            stack.apply(
                    new Change.SetLinkUp(stack.link("wire" + nic).orElseThrow().index(), true));
            var address = PrefixedAddress.parse("172." + (16 + nic) + ".255.254/16");
            int link = stack.link("eth" + nic).orElseThrow().index();
            stack.apply(new Change.AddAddress(InterfaceAddress.of(link, address)));
        }
    }

    private static void report(HostRoutesState state, long millis) {
        if (!state.complete()) {
            throw new IllegalStateException(state.toString());
        }
        int present = state.networks().stream()
                .mapToInt(HostRoutesState.NetworkState::routesPresent)
                .sum();
        System.gc();
        long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        System.out.println("applied " + state.revision() + " " + present + " " + millis + " " + (used >> 20));
    }

    private static final class NoSessions implements PlanFollower.Sessions {
        @Override
        public void awaitFirst() {}

        @Override
        public void request() {}

        @Override
        public void awaitNext() {}

        @Override
        public void onRetired(Consumer<String> listener) {}
    }
}
