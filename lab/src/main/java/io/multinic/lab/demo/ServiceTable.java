package io.multinic.lab.demo;

import io.multinic.lab.process.Memory;
import io.multinic.lab.process.ServiceProcess;
import java.util.List;
import java.util.Locale;

/// What each service took to be ready and has in memory.
final class ServiceTable {
    private static final int KIB_PER_MIB = 1024;

    private ServiceTable() {}

    static String of(List<ServiceProcess> services) {
        var table = new TextTable("SERVICE", "READY AFTER, s", "RESIDENT, MiB", "ANONYMOUS, MiB");
        for (ServiceProcess service : services) {
            Memory memory = service.memory().orElse(new Memory(0, 0, 0));
            table.row(
                    service.name(),
                    String.format(Locale.ROOT, "%.1f", service.timeToReady().toMillis() / 1000.0),
                    memory.residentKiB() / KIB_PER_MIB,
                    memory.anonymousKiB() / KIB_PER_MIB);
        }
        return table + "\n";
    }
}
