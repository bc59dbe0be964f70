package io.multinic.agent.journal;

import java.util.List;
import java.util.UUID;

/// Schema of the journal and its migrations; `PRAGMA user_version` is the number of steps that a file has.
///
/// A step that was released is never edited: a change is a new step at the end of the list. Addresses are blobs in
/// network order, so that they compare as numbers; times are microseconds since 1970.
final class JournalSchema {
    private static final List<List<String>> STEPS = List.of(
            List.of(
                    """
            CREATE TABLE store (
                store_id   TEXT NOT NULL,
                introduced INTEGER NOT NULL DEFAULT 0
            )""",
                    """
            CREATE TABLE attachment (
                container_id     TEXT NOT NULL,
                if_name          TEXT NOT NULL,
                network          TEXT NOT NULL,
                state            TEXT NOT NULL CHECK (state IN ('INTENT', 'ATTACHED', 'DETACHING')),
                sandbox_path     TEXT NOT NULL,
                sandbox_identity TEXT NOT NULL,
                pod_namespace    TEXT NOT NULL,
                pod_name         TEXT NOT NULL,
                pod_uid          TEXT NOT NULL,
                fingerprint      TEXT NOT NULL,
                detail           TEXT NOT NULL,
                result           TEXT,
                CHECK (state <> 'ATTACHED' OR result IS NOT NULL),
                UNIQUE (container_id, if_name)
            )""",
                    """
            CREATE TABLE allocation (
                network       TEXT NOT NULL,
                address       BLOB NOT NULL,
                nic           TEXT NOT NULL,
                pod_interface TEXT NOT NULL,
                container_id  TEXT NOT NULL,
                if_name       TEXT NOT NULL,
                position      INTEGER NOT NULL,
                PRIMARY KEY (network, address),
                FOREIGN KEY (container_id, if_name) REFERENCES attachment (container_id, if_name)
            ) WITHOUT ROWID""",
                    "CREATE INDEX allocation_of_attachment ON allocation (container_id, if_name)",
                    """
            CREATE TABLE rest (
                turn     INTEGER PRIMARY KEY AUTOINCREMENT,
                network  TEXT NOT NULL,
                address  BLOB NOT NULL,
                freed_at INTEGER NOT NULL,
                UNIQUE (network, address)
            )""",
                    "CREATE INDEX rest_by_time ON rest (freed_at)",
                    """
            CREATE TABLE tombstone (
                container_id TEXT NOT NULL,
                if_name      TEXT NOT NULL,
                deleted_at   INTEGER NOT NULL,
                PRIMARY KEY (container_id, if_name)
            ) WITHOUT ROWID""",
                    "CREATE INDEX tombstone_by_time ON tombstone (deleted_at)",
                    """
            CREATE TABLE outbox (
                sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
                type       TEXT NOT NULL,
                at         INTEGER NOT NULL,
                allocation TEXT NOT NULL
            )""",
                    """
            CREATE TABLE plan (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                body TEXT NOT NULL
            )"""),
            List.of(
                    "ALTER TABLE plan ADD COLUMN history TEXT NOT NULL DEFAULT ''",
                    "ALTER TABLE plan ADD COLUMN absent TEXT NOT NULL DEFAULT '[]'"),
            // granted_at is null once the ledger event of the allocation was written, as it was at once before.
            List.of(
                    "ALTER TABLE allocation ADD COLUMN granted_at INTEGER",
                    "ALTER TABLE allocation ADD COLUMN freed_before INTEGER",
                    "CREATE INDEX attachment_of_pod ON attachment (pod_uid)",
                    """
            CREATE TABLE block (
                id      INTEGER PRIMARY KEY AUTOINCREMENT,
                network TEXT NOT NULL,
                first   BLOB NOT NULL,
                last    BLOB NOT NULL,
                UNIQUE (network, first, last)
            )""",
                    """
            CREATE TABLE used_range (
                network TEXT NOT NULL,
                first   BLOB NOT NULL,
                through BLOB NOT NULL,
                PRIMARY KEY (network, first)
            ) WITHOUT ROWID""",
                    "ALTER TABLE rest ADD COLUMN block INTEGER",
                    "ALTER TABLE rest ADD COLUMN pod TEXT NOT NULL DEFAULT ''",
                    "ALTER TABLE rest ADD COLUMN pod_interface TEXT NOT NULL DEFAULT ''",
                    "CREATE INDEX rest_of_block ON rest (block, freed_at, turn)",
                    "CREATE INDEX rest_of_pod ON rest (pod, pod_interface, block) WHERE pod <> ''"),
            List.of("CREATE INDEX allocation_in_progress ON allocation (granted_at) WHERE granted_at IS NOT NULL"),
            List.of("""
            CREATE TABLE moved_nic (
                nic    TEXT PRIMARY KEY,
                detail TEXT NOT NULL
            ) WITHOUT ROWID"""));

    private JournalSchema() {}

    /// Brings the file to the newest schema; each step is one transaction.
    static void migrate(SqliteSession session) {
        migrate(session, STEPS.size());
    }

    /// Brings the file to the schema of an agent that knew the first `steps` steps.
    static void migrate(SqliteSession session, int steps) {
        long version = session.transact(
                read -> read.query("PRAGMA user_version", row -> row.number(1)).getFirst());
        if (version > steps) {
            throw new IllegalStateException(
                    "its schema is version " + version + ", this agent knows up to " + steps + "; run a newer agent");
        }
        for (int step = (int) version; step < steps; step++) {
            apply(session, step);
        }
    }

    private static void apply(SqliteSession session, int step) {
        session.transact(write -> {
            STEPS.get(step).forEach(write::update);
            if (step == 0) {
                write.update(
                        "INSERT INTO store (store_id) VALUES (?)",
                        UUID.randomUUID().toString());
            }
            return write.update("PRAGMA user_version = " + (step + 1));
        });
    }
}
