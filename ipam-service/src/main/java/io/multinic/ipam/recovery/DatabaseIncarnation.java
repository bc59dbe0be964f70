package io.multinic.ipam.recovery;

import java.util.Optional;

/// Identifies the database incarnation that revisions belong to. Agents store its text form with their plan and send
/// it back.
///
/// @param database random id from the creation of the database; a dump keeps it
/// @param system system identifier of the PostgreSQL cluster
/// @param timeline of that cluster; each promotion begins another one
/// @param generation number of quarantines of the database
public record DatabaseIncarnation(String database, String system, String timeline, int generation) {
    /// Parses the text form; empty if the text has another format.
    public static Optional<DatabaseIncarnation> parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 4 || !parts[3].matches("[0-9]{1,9}")) {
            return Optional.empty();
        }
        return Optional.of(new DatabaseIncarnation(parts[0], parts[1], parts[2], Integer.parseInt(parts[3])));
    }

    @Override
    public String toString() {
        return database + ":" + system + ":" + timeline + ":" + generation;
    }
}
