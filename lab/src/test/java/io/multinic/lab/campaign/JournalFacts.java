package io.multinic.lab.campaign;

import io.multinic.lab.process.LabException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Content of an agent's journal, read by SQL in one transaction beside the running agent.
///
/// @param attachments states by container id; a pod of the campaign has one attachment
record JournalFacts(Map<String, String> attachments, List<HeldAddress> held) {
    JournalFacts {
        attachments = Map.copyOf(attachments);
        held = List.copyOf(held);
    }

    /// @param recorded true once the event for the ledger was written
    record HeldAddress(String address, String containerId, boolean recorded) {}

    static JournalFacts read(Path journal) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:file:" + journal + "?mode=ro")) {
            connection.setAutoCommit(false);
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout = 10000");
                Map<String, String> attachments = new LinkedHashMap<>();
                try (ResultSet rows = statement.executeQuery("SELECT container_id, state FROM attachment")) {
                    while (rows.next()) {
                        attachments.put(rows.getString(1), rows.getString(2));
                    }
                }
                List<HeldAddress> held = new ArrayList<>();
                try (ResultSet rows =
                        statement.executeQuery("SELECT address, container_id, granted_at IS NULL FROM allocation")) {
                    while (rows.next()) {
                        held.add(new HeldAddress(text(rows.getBytes(1)), rows.getString(2), rows.getBoolean(3)));
                    }
                }
                return new JournalFacts(attachments, held);
            }
        } catch (SQLException e) {
            throw new LabException("cannot read " + journal + ": " + e.getMessage(), e);
        }
    }

    private static String text(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new LabException("an address of " + address.length + " bytes", e);
        }
    }

    /// The addresses that a container holds.
    List<String> heldBy(String containerId) {
        return held.stream()
                .filter(one -> one.containerId().equals(containerId))
                .map(HeldAddress::address)
                .toList();
    }
}
