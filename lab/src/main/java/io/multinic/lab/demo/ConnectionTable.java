package io.multinic.lab.demo;

import io.multinic.lab.TextTable;
import io.multinic.lab.pod.PingMatrix;
import io.multinic.lab.pod.PingMatrix.Ping;
import io.multinic.lab.pod.PingMatrix.Row;
import java.util.stream.Collectors;

/// The matrix for people: who reaches whom over how many of the NICs, with the addresses that answered.
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
