package io.multinic.agent.route;

import io.multinic.agent.route.plan.HostRoutesPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Names of the networks' route tables for `ip route show table <network>`. Nothing else depends on them.
public final class RouteTableNames {
    private static final Logger log = LoggerFactory.getLogger(RouteTableNames.class);
    private static final String HEADER = "# Route tables of the multi-nic networks; written by the node agent.\n";

    /// Names that iproute2 has for its own tables, and its keywords in place of a table.
    private static final Set<String> RESERVED = Set.of("unspec", "default", "main", "local", "all", "cache");

    /// Numbers as iproute2 reads them: decimal, octal, hexadecimal. A name of this form would hide the table of that
    /// number.
    private static final Pattern NUMBER = Pattern.compile("\\d+|0[xX]\\p{XDigit}*");

    private final Path file;
    private boolean failing;

    /// @param file in one of the folders that iproute2 reads, such as `/etc/iproute2/rt_tables.d/multi-nic.conf`
    public RouteTableNames(Path file) {
        this.file = file;
    }

    /// Networks with a name that has a meaning for iproute2 are omitted; their tables are shown by number.
    static String content(HostRoutesPlan plan) {
        return HEADER
                + plan.networks().stream()
                        .filter(network -> !network.rules().isEmpty() && isName(network.network()))
                        .map(network -> network.table() + "\t" + network.network() + "\n")
                        .collect(Collectors.joining());
    }

    private static boolean isName(String network) {
        return !RESERVED.contains(network) && !NUMBER.matcher(network).matches();
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
