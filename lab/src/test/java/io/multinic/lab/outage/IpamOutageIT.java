package io.multinic.lab.outage;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.AllocationInterval;
import io.multinic.lab.fixture.PodLedger;
import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.PingMatrix;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.services.Lab;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// SIGKILL and restart of ipam-service and its PostgreSQL.
class IpamOutageIT {
    private final Lab lab = SharedLab.get();
    private final PodLedger ledger = new PodLedger(lab.ipamApi());

    @Test
    void podsStartAndEndDuringTheOutageAndTheLedgerIsCompleteAfterwards() {
        List<LabNode> nodes = lab.layout().nodes();
        var older = new ArrayList<LabPod>();
        for (LabNode node : nodes) {
            older.add(lab.pods().create(node, "default", node.name() + "-older", SharedLab.SAMPLE));
        }
        older.forEach(pod -> ledger.await(pod, 2, 2));

        lab.ipam().kill();
        // An agent that starts during the outage reads its plan and its addresses from its own disk.
        ServiceProcess restarted = lab.agent(nodes.getFirst());
        restarted.kill();
        restarted.start();
        lab.awaitReady(List.of(restarted));

        Instant during = Instant.now();
        var newer = new ArrayList<LabPod>();
        var both = new ArrayList<LabPod>();
        for (LabNode node : nodes) {
            newer.add(lab.pods().create(node, "default", node.name() + "-newer", SharedLab.SAMPLE));
            both.add(lab.pods().create(node, "default", node.name() + "-both", SharedLab.SAMPLE));
        }
        PingMatrix matrix = PingMatrix.of(newer);
        assertThat(matrix.connected()).isEqualTo(matrix.total()).isPositive();
        older.forEach(lab.pods()::delete);
        both.forEach(lab.pods()::delete);

        lab.ipam().start();
        Instant after = Instant.now();
        lab.awaitReady(List.of(lab.ipam()));

        older.forEach(pod -> ledger.await(pod, 2, 0));
        newer.forEach(pod -> ledger.await(pod, 2, 2));
        both.forEach(pod -> ledger.await(pod, 2, 0));
        both.forEach(pod -> assertThat(ledger.intervals(pod)).allSatisfy(interval -> {
            assertThat(interval.from()).isBetween(during, after);
            assertThat(interval.to()).isBetween(during, after);
        }));
        newer.forEach(lab.pods()::delete);
        newer.forEach(pod -> ledger.await(pod, 2, 0));
        requireDisjointIntervals();
    }

    private void requireDisjointIntervals() {
        List<AllocationInterval> all = lab.ipamApi().audit(SharedLab.SAMPLE);
        assertThat(all).doesNotHaveDuplicates();
        for (AllocationInterval one : all) {
            assertThat(all)
                    .filteredOn(other -> !other.equals(one)
                            && other.allocation()
                                    .address()
                                    .equals(one.allocation().address()))
                    .noneMatch(other -> overlap(one, other));
        }
    }

    private static boolean overlap(AllocationInterval one, AllocationInterval other) {
        Instant oneEnd = one.to() == null ? Instant.MAX : one.to();
        Instant otherEnd = other.to() == null ? Instant.MAX : other.to();
        return one.from().isBefore(otherEnd) && other.from().isBefore(oneEnd);
    }
}
