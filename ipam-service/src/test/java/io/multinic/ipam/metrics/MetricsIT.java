package io.multinic.ipam.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.usage.MetricsQueries;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Metrics as Prometheus scrapes them.
class MetricsIT {
    private static final Database DATABASE = TestPostgres.newDatabase();
    private static final TestService SERVICE = TestService.on(DATABASE);
    private static final Rest REST = SERVICE.rest();

    @BeforeEach
    void twoNodes() throws SQLException {
        DATABASE.clear();
        REST.put("/api/v1/networks/net", Samples.network("net"));
        REST.put("/api/v1/nodes/node1", Samples.node(1));
        REST.put("/api/v1/nodes/node2", Samples.node(2));
    }

    @AfterAll
    static void stop() {
        SERVICE.close();
    }

    private static void refresh(boolean perHost, Instant now) {
        var figures = SERVICE.bean(MetricsQueries.class);
        SERVICE.bean(IpamMetrics.class)
                .show(SERVICE.bean(Transactions.class)
                        .read(() -> figures.figures(now, perHost, Duration.ofMinutes(2))));
    }

    /// The labels and values of the series with this name.
    private static List<String> series(String name) {
        return REST.get("/actuator/prometheus")
                .response()
                .body()
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .map(line -> line.substring(name.length()))
                .toList();
    }

    private static double value(String name) {
        return Double.parseDouble(series(name).getFirst().strip());
    }

    private static long session(int node) {
        return REST.post(
                        "/api/v1/nodes/node" + node + "/session", new SessionRequest("uid-" + node, "s", 0L, List.of()))
                .as(SessionGrant.class)
                .epoch();
    }

    private static void report(
            int node, long epoch, @Nullable Instant asOf, @Nullable Long revision, LedgerEvent... events) {
        var batch = new LedgerBatch("uid-" + node, epoch, List.of(events), asOf, revision);
        assertThat(REST.post("/api/v1/nodes/node" + node + "/ledger", batch).status())
                .isEqualTo(200);
    }

    @Test
    void usageSeriesCountHeldAddressesOfInterfaces() {
        report(
                1,
                session(1),
                null,
                null,
                Samples.allocated(1, "192.168.0.4", "a"),
                Samples.allocated(2, "192.168.0.5", "b"),
                Samples.allocated(3, "192.168.0.6", "c"),
                Samples.freed(4, "192.168.0.6", "c"));
        refresh(false, Instant.now());
        assertThat(series("multi_nic_ipam_addresses_held"))
                .containsExactlyInAnyOrder(
                        "{family=\"ipv4\",interface=\"0\",network=\"net\"} 2.0",
                        "{family=\"ipv4\",interface=\"1\",network=\"net\"} 0.0");
        assertThat(series("multi_nic_ipam_addresses_capacity"))
                .as("two hosts with a block of 256 addresses each, without the first address of the interface block")
                .contains("{family=\"ipv4\",interface=\"0\",network=\"net\"} 511.0");
    }

    @Test
    void hostSeriesExistOnlyWhenEnabled() {
        report(1, session(1), null, null, Samples.allocated(1, "192.168.0.4", "a"));
        refresh(true, Instant.now());
        assertThat(series("multi_nic_ipam_host_addresses_held"))
                .hasSize(4)
                .contains("{family=\"ipv4\",interface=\"0\",network=\"net\",node=\"node1\"} 1.0");
        assertThat(series("multi_nic_ipam_addresses_held")).hasSize(2);
        refresh(false, Instant.now());
        assertThat(series("multi_nic_ipam_host_addresses_held")).isEmpty();
        assertThat(series("multi_nic_ipam_addresses_held"))
                .contains("{family=\"ipv4\",interface=\"0\",network=\"net\"} 1.0");
    }

    @Test
    void seriesAreRemovedWithTheirNetwork() {
        refresh(false, Instant.now());
        assertThat(series("multi_nic_ipam_addresses_capacity")).hasSize(2);
        REST.delete("/api/v1/networks/net");
        refresh(false, Instant.now());
        assertThat(series("multi_nic_ipam_addresses_capacity")).isEmpty();
    }

    @Test
    void openConflictsGaugeCountsUnresolvedOnes() {
        long first = session(1);
        report(1, first, null, null, Samples.allocated(1, "192.168.0.4", "a"));
        report(2, session(2), null, null, Samples.allocated(1, "192.168.0.4", "b"));
        refresh(false, Instant.now());
        assertThat(series("multi_nic_ipam_conflicts_open")).contains("{kind=\"ADDRESS_HELD\"} 1.0");
        report(1, first, null, null, Samples.freed(2, "192.168.0.4", "a"));
        refresh(false, Instant.now());
        assertThat(series("multi_nic_ipam_conflicts_open")).contains("{kind=\"ADDRESS_HELD\"} 0.0");
    }

    @Test
    void lagIsTimeSinceTheLastReport() {
        var now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        report(1, session(1), now.minusSeconds(10), null);
        report(2, session(2), now.minusSeconds(500), null);
        refresh(false, now);
        assertThat(value("multi_nic_ipam_ledger_lag_max_seconds")).isEqualTo(500);
        assertThat(value("multi_nic_ipam_ledger_lag_nodes")).isEqualTo(1);
        REST.delete("/api/v1/nodes/node2");
        refresh(false, now);
        assertThat(value("multi_nic_ipam_ledger_lag_max_seconds")).isEqualTo(10);
        assertThat(value("multi_nic_ipam_ledger_lag_nodes")).isZero();
    }

    @Test
    void lagOfNodeWithoutReportCountsFromItsSession() {
        session(1);
        refresh(false, Instant.now().plusSeconds(300));
        assertThat(value("multi_nic_ipam_ledger_lag_max_seconds")).isBetween(299.0, 400.0);
        assertThat(value("multi_nic_ipam_ledger_lag_nodes")).isEqualTo(1);
    }

    @Test
    void planLagCountsNodesWithOutdatedPlans() {
        long revision = REST.get("/api/v1/nodes/node1/plan").as(NodePlan.class).revision();
        report(1, session(1), null, revision);
        report(2, session(2), null, revision);
        refresh(false, Instant.now());
        assertThat(value("multi_nic_ipam_plan_lag_nodes")).isZero();
        REST.put("/api/v1/nodes/node3", Samples.node(3));
        long next = REST.get("/api/v1/nodes/node1/plan").as(NodePlan.class).revision();
        report(1, 1, null, next);
        refresh(false, Instant.now());
        assertThat(value("multi_nic_ipam_plan_lag_nodes")).isEqualTo(1);
        assertThat(value("multi_nic_ipam_plan_lag_max_revisions")).isEqualTo((double) (next - revision));
    }

    @Test
    void batchesAreCountedAndTimed() {
        double batches = value("multi_nic_ipam_ledger_batch_seconds_count");
        double sizes = value("multi_nic_ipam_ledger_batch_events_count");
        long epoch = session(1);
        report(1, epoch, Instant.now(), null, Samples.allocated(1, "192.168.0.4", "a"));
        report(1, epoch, Instant.now(), null);
        assertThat(value("multi_nic_ipam_ledger_batch_seconds_count")).isEqualTo(batches + 2);
        assertThat(value("multi_nic_ipam_ledger_batch_events_count"))
                .as("a report without events is not counted as a batch size")
                .isEqualTo(sizes + 1);
    }

    @Test
    void plansAreCountedAndTimed() {
        double plans = value("multi_nic_ipam_plan_computation_seconds_count");
        REST.put("/api/v1/nodes/node3", Samples.node(3));
        assertThat(value("multi_nic_ipam_plan_computation_seconds_count")).isEqualTo(plans + 1);
    }

    @Test
    void seriesNameNoAddressPodOrContainer() {
        long epoch = session(1);
        report(1, epoch, Instant.now(), null, Samples.allocated(1, "192.168.0.77", "c0ffee"));
        refresh(true, Instant.now());
        assertThat(REST.get("/actuator/prometheus").response().body())
                .contains("multi_nic_ipam_addresses_held")
                .doesNotContain("192.168.0.77", "c0ffee", "pod-c0ffee");
    }

    @Test
    void ageOfFiguresIsReported() {
        refresh(false, Instant.now().minusSeconds(90));
        assertThat(value("multi_nic_ipam_figures_age_seconds")).isBetween(90.0, 200.0);
    }
}
