package io.multinic.ipam.recovery;

import java.util.Optional;

/// What revisions count the changes of. As text it goes to agents, and comes back with what they know.
///
/// @param database drawn when the database was made; a dump keeps it
/// @param system of the PostgreSQL cluster that the database is in
/// @param timeline of that cluster; each promotion begins another one
/// @param generation counts the quarantines of the database
public record DatabaseIncarnation(String database, String system, String timeline, int generation) {
    /// Empty for what is no history, or one of an earlier format.
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
