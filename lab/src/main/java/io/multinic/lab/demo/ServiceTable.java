package io.multinic.lab.demo;

import io.multinic.lab.process.ProcessMemory;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.run.TextTable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A table of the services: time to ready and memory.
final class ServiceTable {
    private static final int KIB_PER_MIB = 1024;

    private ServiceTable() {}

    static String of(List<ServiceProcess> services) {
        var table = new TextTable("SERVICE", "READY AFTER, s", "RESIDENT, MiB", "ANONYMOUS, MiB");
        for (ServiceProcess service : services) {
            String ready =
                    String.format(Locale.ROOT, "%.1f", service.timeToReady().toMillis() / 1000.0);
            row(table, service.name(), ready, service.memory());
            // The processes of PostgreSQL share one segment: only their proportional sizes can be added.
            service.memoryOfChildren()
                    .ifPresent(memory -> table.row(
                            "  its PostgreSQL",
                            "",
                            memory.proportionalKiB() / KIB_PER_MIB + " (proportional)",
                            memory.anonymousKiB() / KIB_PER_MIB));
        }
        return table + "\n";
    }

    private static void row(TextTable table, String name, String ready, Optional<ProcessMemory> memory) {
        table.row(
                name,
                ready,
                memory.map(one -> one.residentKiB() / KIB_PER_MIB).orElse(0L),
                memory.map(one -> one.anonymousKiB() / KIB_PER_MIB).orElse(0L));
    }
}
