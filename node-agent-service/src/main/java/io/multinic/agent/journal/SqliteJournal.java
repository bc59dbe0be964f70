package io.multinic.agent.journal;

import io.multinic.agent.nic.MovedNic;
import io.multinic.agent.nic.MovedNicStore;
import io.multinic.agent.plan.PlanCache;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// The journal: the node's durable state in one SQLite file. It holds attachments and their addresses, the events that
/// the ledger has not confirmed, and the NICs that were moved into pods. The last plan is in a file beside it.
public final class SqliteJournal implements AutoCloseable {
    private static final String PLAN = "plan.db";

    private final SqliteFile file;
    private final SqliteOutbox outbox;
    private final SqliteAllocationStore allocations;
    private final SqlitePlanCache plans;
    private final MovedNics movedNics;

    private SqliteJournal(Path path, SqliteFile file) {
        JsonMapper json = JsonMapper.builder().build();
        this.file = file;
        this.outbox = new SqliteOutbox(file, json);
        this.allocations = new SqliteAllocationStore(file, outbox);
        this.plans = new SqlitePlanCache(path.resolveSibling(PLAN), file, json);
        this.movedNics = new MovedNics(file, json);
    }

    /// Opens the journal, creating or migrating it as needed.
    ///
    /// @throws io.multinic.contract.error.MultiNicException with the file's name, if it is damaged, cannot
    ///     be written, is of a newer agent, or another process has it open
    public static SqliteJournal open(Path path) {
        return new SqliteJournal(path, SqliteFile.open(path));
    }

    /// All files that an agent with this journal may leave, including those of the plan.
    public static List<Path> files(Path path) {
        return Stream.concat(
                        SqliteFile.SUFFIXES.stream().map(suffix -> path.getFileName() + suffix),
                        SqlitePlanFile.SUFFIXES.stream().map(suffix -> PLAN + suffix))
                .map(path::resolveSibling)
                .toList();
    }

    public AllocationStore allocations() {
        return allocations;
    }

    public Outbox outbox() {
        return outbox;
    }

    public PlanCache plans() {
        return plans;
    }

    public MovedNicStore movedNics() {
        return movedNics;
    }

    @Override
    public void close() {
        plans.close();
        file.close();
    }

    /// The NICs that were moved into pods, in the journal's file.
    private static final class MovedNics implements MovedNicStore {
        private final SqliteFile file;
        private final JsonMapper json;

        MovedNics(SqliteFile file, JsonMapper json) {
            this.file = file;
            this.json = json;
        }

        @Override
        public List<MovedNic> all() {
            return file.quickly(session -> session.query(
                    "SELECT detail FROM moved_nic ORDER BY nic", row -> json.readValue(row.text(1), MovedNic.class)));
        }

        @Override
        public void put(MovedNic moved) {
            String detail = json.writeValueAsString(moved);
            file.durably(session -> session.update(
                    "INSERT OR REPLACE INTO moved_nic (nic, detail) VALUES (?, ?)", moved.nic(), detail));
        }

        @Override
        public void remove(String nic) {
            file.durably(session -> session.update("DELETE FROM moved_nic WHERE nic = ?", nic));
        }
    }
}
