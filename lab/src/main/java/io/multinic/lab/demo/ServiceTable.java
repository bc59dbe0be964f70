package io.multinic.lab.demo;

import io.multinic.lab.TextTable;
import io.multinic.lab.process.Memory;
import io.multinic.lab.process.ServiceProcess;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What each service took to be ready and has in memory.
final class ServiceTable {
    private static final int KIB_PER_MIB = 1024;

    private ServiceTable() {}

    static String of(List<ServiceProcess> services) {
        var table = new TextTable("SERVICE", "READY AFTER, s", "RESIDENT, MiB", "ANONYMOUS, MiB");
        for (ServiceProcess service : services) {
            String ready =
                    String.format(Locale.ROOT, "%.1f", service.timeToReady().toMillis() / 1000.0);
            row(table, service.name(), ready, service.memory());
            // PostgreSQL: its processes share one segment, so only proportional sizes add up.
            service.memoryOfChildren()
                    .ifPresent(memory -> table.row(
                            "  its PostgreSQL",
                            "",
                            memory.proportionalKiB() / KIB_PER_MIB + " (proportional)",
                            memory.anonymousKiB() / KIB_PER_MIB));
        }
        return table + "\n";
    }

    private static void row(TextTable table, String name, String ready, Optional<Memory> memory) {
        table.row(
                name,
                ready,
                memory.map(one -> one.residentKiB() / KIB_PER_MIB).orElse(0L),
                memory.map(one -> one.anonymousKiB() / KIB_PER_MIB).orElse(0L));
    }
}
