package io.multinic.agent.journal;

import io.multinic.agent.plan.KnownPlan;
import io.multinic.agent.plan.PlanCache;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.StatedBlock;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// The last plan in the journal's file.
final class SqlitePlanCache implements PlanCache {
    private final SqliteFile file;
    private final JsonMapper json;

    SqlitePlanCache(SqliteFile file, JsonMapper json) {
        this.file = file;
        this.json = json;
    }

    @Override
    public Optional<KnownPlan> load() {
        return file
                .quickly(session -> session.query(
                        "SELECT body, history, absent FROM plan",
                        row -> new KnownPlan(
                                json.readValue(row.text(1), NodePlan.class),
                                row.text(2),
                                List.of(json.readValue(row.text(3), StatedBlock[].class)))))
                .stream()
                .findFirst();
    }

    @Override
    public void save(KnownPlan plan) {
        String body = json.writeValueAsString(plan.plan());
        String absent = json.writeValueAsString(plan.absent());
        file.durably(session -> session.update(
                "INSERT OR REPLACE INTO plan (only, body, history, absent) VALUES (1, ?, ?, ?)",
                body,
                plan.history(),
                absent));
    }

    @Override
    public void forget() {
        file.durably(session -> session.update("DELETE FROM plan"));
    }
}
