package io.multinic.lab.pod;

import io.multinic.contract.address.IpAddress;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.LabException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The results of pings from every pod to every other pod over every NIC: from `net1-0` to `net1-0`, and so on.
public record PingMatrix(List<Row> rows) {
    /// Concurrent rows; with more, two cores would answer late.
    private static final int CONCURRENCY = 8;

    public PingMatrix {
        rows = List.copyOf(rows);
    }

    /// One ping between two pods over one NIC.
    public record Ping(String nic, IpAddress from, IpAddress to, boolean answered) {}

    /// The pings from one pod to another over all NICs.
    public record Row(LabPod from, LabPod to, List<Ping> pings) {
        public Row {
            pings = List.copyOf(pings);
        }

        public long connected() {
            return pings.stream().filter(Ping::answered).count();
        }
    }

    /// Sends all pings and waits for the answers.
    public static PingMatrix of(List<LabPod> pods) {
        try (ExecutorService pool = Executors.newFixedThreadPool(CONCURRENCY)) {
            var rows = new ArrayList<Future<Row>>();
            for (LabPod from : pods) {
                for (LabPod to : pods) {
                    if (!from.equals(to)) {
                        rows.add(pool.submit(() -> ping(from, to)));
                    }
                }
            }
            return new PingMatrix(rows.stream().map(PingMatrix::result).toList());
        }
    }

    private static Row result(Future<Row> row) {
        try {
            return row.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("pings: interrupted", e);
        } catch (ExecutionException e) {
            throw new LabException("pings: " + e.getCause(), e);
        }
    }

    private static Row ping(LabPod from, LabPod to) {
        var started = new ArrayList<Command.Running>();
        var pings = new ArrayList<Ping>();
        for (CniAnswer.Interface nic : from.interfaces()) {
            for (CniAnswer.Interface other : to.interfaces()) {
                if (nic.name().equals(other.name())) {
                    IpAddress target = other.addresses().getFirst().address();
                    started.add(from.sandbox()
                            .inside("ping", "-n", "-q", "-c", "1", "-W", "3", "-I", nic.name(), target.toString())
                            .start());
                    pings.add(new Ping(nic.name(), nic.addresses().getFirst().address(), target, false));
                }
            }
        }
        for (int i = 0; i < pings.size(); i++) {
            Ping sent = pings.get(i);
            pings.set(
                    i,
                    new Ping(
                            sent.nic(),
                            sent.from(),
                            sent.to(),
                            started.get(i).await().ok()));
        }
        return new Row(from, to, pings);
    }

    public long connected() {
        return rows.stream().mapToLong(Row::connected).sum();
    }

    public long total() {
        return rows.stream().mapToLong(row -> row.pings().size()).sum();
    }
}
