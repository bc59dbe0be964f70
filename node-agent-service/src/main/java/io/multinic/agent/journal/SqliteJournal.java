package io.multinic.agent.journal;

import io.multinic.agent.plan.PlanCache;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/// The journal: the node's durable state in one SQLite file. It holds attachments and their addresses and the events
/// that the ledger has not confirmed. The last plan is in a file beside it.
public final class SqliteJournal implements AutoCloseable {
    private final SqliteFile file;
    private final SqliteOutbox outbox;
    private final SqliteAllocationStore allocations;
    private final SqlitePlanCache plans;

    private SqliteJournal(Path path, SqliteFile file) {
        JsonMapper json = JsonMapper.builder().build();
        this.file = file;
        this.outbox = new SqliteOutbox(file, json);
        this.allocations = new SqliteAllocationStore(file, outbox);
        this.plans = new SqlitePlanCache(path.resolveSibling("plan.db"), file, json);
    }

    /// Opens the journal, creating or migrating it as needed.
    ///
    /// @throws io.multinic.contract.error.MultiNicException with the file's name, if it is damaged, cannot
    ///     be written, is of a newer agent, or another process has it open
    public static SqliteJournal open(Path path) {
        return new SqliteJournal(path, SqliteFile.open(path));
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

    @Override
    public void close() {
        plans.close();
        file.close();
    }
}
