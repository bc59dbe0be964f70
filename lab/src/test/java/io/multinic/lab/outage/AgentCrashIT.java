package io.multinic.lab.outage;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.fixture.KernelState;
import io.multinic.lab.fixture.PodLedger;
import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.CniRuntime;
import io.multinic.lab.pod.CniRuntime.Attachment;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.services.Lab;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// SIGKILL of an agent at moments spread over the duration of an ADD and beyond its end.
class AgentCrashIT {
    private static final int ROUNDS = Integer.getInteger("CRASHES", 20);

    private final Lab lab = SharedLab.get();
    private final LabNode node = lab.layout().nodes().get(1);
    private final CniRuntime runtime = lab.runtime(node);
    private final PodLedger ledger = new PodLedger(lab.ipamApi());

    @Test
    void agentKilledDuringAddLeavesAllInterfacesOrNoneAndTheRetrySucceeds() {
        KernelState before = KernelState.of(node);
        Duration typical = durationOfAdd();
        int interrupted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Duration delay = typical.multipliedBy(round * 5L).dividedBy(ROUNDS * 4L);
            interrupted += killDuringAdd(round, delay, before) ? 0 : 1;
        }
        // Otherwise the delays would miss the ADD, and the test would check nothing.
        assertThat(interrupted)
                .as("ADDs of %s that the kill interrupted", ROUNDS)
                .isPositive()
                .isLessThan(ROUNDS);
    }

    /// Returns true if the ADD was answered with a result despite the kill.
    private boolean killDuringAdd(int round, Duration delay, KernelState before) {
        String when = "round " + round + ", killed after " + delay.toNanos() / 1000 + " us";
        LabPod pod = lab.pods().sandbox(node, "default", "crash" + round, SharedLab.SAMPLE);
        Attachment attachment = lab.pods().attachments(pod, SharedLab.SAMPLE).getFirst();
        ServiceProcess agent = lab.agent(node);

        Command.Running add = runtime.start("ADD", attachment);
        Deadline.pause(delay);
        agent.kill();
        CniAnswer answer = CniRuntime.answer(add);
        start(agent);

        List<String> interfaces = interfaces(pod);
        assertThat(interfaces).as(when).isIn(List.of(), List.of("net1-0", "net1-1"));
        if (answer.ok()) {
            assertThat(interfaces).as("%s: ADD was answered with success", when).hasSize(2);
        }
        if (interfaces.isEmpty()) {
            assertThat(KernelState.of(node)).as(when).isEqualTo(before);
        }
        Deadline.await(
                when + ": as many open intervals as interfaces",
                Duration.ofSeconds(20),
                () -> ledger.open(pod) == interfaces.size(),
                () -> "the pod has " + interfaces + ", the ledger " + ledger.intervals(pod));

        CniAnswer retried = runtime.add(attachment).orThrow();
        if (answer.ok()) {
            assertThat(retried.json()).as(when).isEqualTo(answer.json());
        }
        assertThat(interfaces(pod)).as(when).containsExactly("net1-0", "net1-1");
        runtime.delete(attachment).orThrow();
        assertThat(KernelState.of(node)).as(when).isEqualTo(before);
        pod.sandbox().delete();
        lab.kubernetes().pods().inNamespace("default").withName(pod.name()).delete();
        Deadline.await(
                when + ": every address released",
                Duration.ofSeconds(20),
                () -> ledger.open(pod) == 0,
                () -> ledger.intervals(pod).toString());
        return answer.ok();
    }

    private void restart(ServiceProcess agent) {
        agent.kill();
        start(agent);
    }

    private void start(ServiceProcess agent) {
        agent.start();
        lab.awaitReady(List.of(agent));
    }

    private static List<String> interfaces(LabPod pod) {
        return pod.sandbox()
                .inside("ls", "/sys/class/net")
                .run()
                .orThrow()
                .out()
                .lines()
                .filter(name -> name.startsWith("net"))
                .sorted()
                .toList();
    }

    /// The median duration of a few ADDs, each the first one of a new agent as in the rounds of the test.
    private Duration durationOfAdd() {
        List<Duration> some = IntStream.range(0, 3)
                .mapToObj(round -> {
                    restart(lab.agent(node));
                    LabPod pod = lab.pods().sandbox(node, "default", "warm" + round, SharedLab.SAMPLE);
                    Attachment attachment =
                            lab.pods().attachments(pod, SharedLab.SAMPLE).getFirst();
                    long start = System.nanoTime();
                    runtime.add(attachment).orThrow();
                    long end = System.nanoTime();
                    runtime.delete(attachment).orThrow();
                    pod.sandbox().delete();
                    lab.kubernetes()
                            .pods()
                            .inNamespace("default")
                            .withName(pod.name())
                            .delete();
                    return Duration.ofNanos(end - start);
                })
                .sorted()
                .toList();
        return some.get(some.size() / 2);
    }
}
