package io.multinic.agent.route;

import io.multinic.agent.route.plan.HostRoutesPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Names of the networks' route tables for `ip route show table <network>`. Nothing else depends on them.
public final class RouteTableNames {
    private static final Logger log = LoggerFactory.getLogger(RouteTableNames.class);
    private static final String HEADER = "# Route tables of the multi-nic networks; written by the node agent.\n";

    private final Path file;
    private boolean failing;

    /// @param file in one of the folders that iproute2 reads, such as `/etc/iproute2/rt_tables.d/multi-nic.conf`
    public RouteTableNames(Path file) {
        this.file = file;
    }

    static String content(HostRoutesPlan plan) {
        return HEADER
                + plan.networks().stream()
                        .filter(network -> !network.rules().isEmpty())
                        .map(network -> network.table() + "\t" + network.network() + "\n")
                        .collect(Collectors.joining());
    }

    /// Writes the tables of this plan to the file. A failure is logged once and has no other effect.
    void write(HostRoutesPlan plan) {
        String content = content(plan);
        try {
            if (!content.equals(current())) {
                Files.createDirectories(file.toAbsolutePath().getParent());
                Path draft = file.resolveSibling(
                        file.getFileName() + "." + ProcessHandle.current().pid());
                Files.writeString(draft, content);
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            }
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                log.atWarn()
                        .addKeyValue("file", file)
                        .addKeyValue("reason", e)
                        .log("names of route tables could not be written; routes are not affected");
            }
            failing = true;
        }
    }

    private String current() throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
