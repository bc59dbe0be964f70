package io.multinic.ipam.store.plan;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Notifications that wake the plan polls of all replicas when the current transaction commits.
@Repository
public class PlanNotifications {
    /// Channel of LISTEN and NOTIFY.
    public static final String CHANNEL = "multinic_plan";

    private final JdbcClient jdbc;

    PlanNotifications(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// @param payload distinguishes notifications: PostgreSQL sends equal ones of a transaction only once
    void send(String payload) {
        jdbc.sql("SELECT pg_notify(?, ?)")
                .param(CHANNEL)
                .param(payload)
                .query((row, number) -> 1)
                .single();
    }
}
