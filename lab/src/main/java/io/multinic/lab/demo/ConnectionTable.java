package io.multinic.lab.demo;

import io.multinic.lab.pod.PingMatrix;
import io.multinic.lab.pod.PingMatrix.Ping;
import io.multinic.lab.pod.PingMatrix.Row;
import io.multinic.lab.run.TextTable;
import java.util.stream.Collectors;

/// Formats a ping matrix as a table: for each pair of pods the number of connected NICs and their addresses.
final class ConnectionTable {
    private ConnectionTable() {}

    static String of(PingMatrix matrix) {
        var table = new TextTable("FROM", "TO", "CONNECTED/TOTAL", "ADDRESSES");
        for (Row row : matrix.rows()) {
            table.row(
                    row.from(),
                    row.to(),
                    row.connected() + "/" + row.pings().size(),
                    row.pings().stream().map(ConnectionTable::pair).collect(Collectors.joining("  ")));
        }
        return table.toString();
    }

    private static String pair(Ping ping) {
        return ping.from() + (ping.answered() ? " -> " : " -X-> ") + ping.to();
    }
}
