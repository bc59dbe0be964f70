package io.multinic.agent.address;

import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.StatedBlock;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// What this node must not forget, in one SQLite file: attachments and addresses, the events that the ledger has not
/// confirmed, and the last plan.
public final class SqliteJournal implements AutoCloseable {
    private final SqliteFile file;
    private final SqliteOutbox outbox;
    private final SqliteAllocationStore allocations;
    private final JsonMapper json;

    private SqliteJournal(SqliteFile file) {
        this.json = JsonMapper.builder().build();
        this.file = file;
        this.outbox = new SqliteOutbox(file, json);
        this.allocations = new SqliteAllocationStore(file, outbox);
    }

    /// Opens the journal, making or migrating it as needed.
    ///
    /// @throws io.multinic.contract.error.MultiNicException INTERNAL with the file's name, if it is damaged, cannot
    ///     be written, is of a newer agent, or another process has it open
    public static SqliteJournal open(Path path) {
        return new SqliteJournal(SqliteFile.open(path));
    }

    public AllocationStore allocations() {
        return allocations;
    }

    public Outbox outbox() {
        return outbox;
    }

    /// The last plan that was saved.
    public Optional<SavedPlan> loadPlan() {
        return file
                .quickly(session -> session.query(
                        "SELECT body, history, absent FROM plan",
                        row -> new SavedPlan(
                                json.readValue(row.text(1), NodePlan.class),
                                row.text(2),
                                List.of(json.readValue(row.text(3), StatedBlock[].class)))))
                .stream()
                .findFirst();
    }

    /// Durable when it returns.
    public void savePlan(SavedPlan saved) {
        String body = json.writeValueAsString(saved.plan());
        String absent = json.writeValueAsString(saved.absent());
        file.durably(session -> session.update(
                "INSERT OR REPLACE INTO plan (only, body, history, absent) VALUES (1, ?, ?, ?)",
                body,
                saved.history(),
                absent));
    }

    /// Durable when it returns.
    public void forgetPlan() {
        file.durably(session -> session.update("DELETE FROM plan"));
    }

    @Override
    public void close() {
        file.close();
    }
}
