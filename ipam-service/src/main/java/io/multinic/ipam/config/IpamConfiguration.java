package io.multinic.ipam.config;

import io.multinic.ipam.delivery.PlanListener;
import io.multinic.ipam.delivery.PlanPolls;
import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.rest.strict.BodyLimitFilter;
import io.multinic.ipam.rest.strict.StrictValues;
import io.multinic.ipam.service.ledger.Audit;
import io.multinic.ipam.service.ledger.LedgerWriter;
import io.multinic.ipam.service.ledger.Releases;
import io.multinic.ipam.service.ledger.RetirementLedger;
import io.multinic.ipam.service.node.AgentSessions;
import io.multinic.ipam.service.node.NodePlans;
import io.multinic.ipam.service.node.NodeStates;
import io.multinic.ipam.service.node.Nodes;
import io.multinic.ipam.service.node.PlanStatements;
import io.multinic.ipam.service.plan.BlockRecovery;
import io.multinic.ipam.service.plan.NetworkEdits;
import io.multinic.ipam.service.plan.NetworkPlanning;
import io.multinic.ipam.service.plan.NetworkStates;
import io.multinic.ipam.service.plan.Networks;
import io.multinic.ipam.service.plan.Reservations;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.audit.AuditEvents;
import io.multinic.ipam.store.audit.IntervalQueries;
import io.multinic.ipam.store.ledger.CompletenessQueries;
import io.multinic.ipam.store.ledger.ConflictQueries;
import io.multinic.ipam.store.ledger.HoldingQueries;
import io.multinic.ipam.store.ledger.LedgerStore;
import io.multinic.ipam.store.ledger.SessionStore;
import io.multinic.ipam.store.plan.HostAddressStore;
import io.multinic.ipam.store.plan.LineageStore;
import io.multinic.ipam.store.plan.NetworkStore;
import io.multinic.ipam.store.plan.NodeQueries;
import io.multinic.ipam.store.plan.NodeStore;
import io.multinic.ipam.store.plan.PlanChangeLog;
import io.multinic.ipam.store.plan.PlanNotifications;
import io.multinic.ipam.store.plan.PlanQueries;
import io.multinic.ipam.store.plan.PlanStore;
import io.multinic.ipam.store.plan.PlanTransactions;
import io.multinic.ipam.store.plan.ReservationStore;
import io.multinic.ipam.store.plan.StatedBlockStore;
import io.multinic.ipam.store.usage.UsageQueries;
import java.sql.DriverManager;
import java.time.InstantSource;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/// Beans of services and stores.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(IpamProperties.class)
class IpamConfiguration {
    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }

    @Bean
    Transactions transactions(PlatformTransactionManager manager) {
        return new Transactions(manager);
    }

    @Bean
    PlanTransactions planTransactions(
            Transactions transactions,
            JdbcClient jdbc,
            LineageStore lineage,
            PlanNotifications notifications,
            PlanChangeLog changeLog) {
        return new PlanTransactions(transactions, jdbc, lineage, notifications, changeLog);
    }

    @Bean
    NetworkPlanning networkPlanning(
            NetworkStore networks,
            NodeStore nodes,
            HostAddressStore hostAddresses,
            PlanStore plans,
            BlockRecovery recovery,
            HoldingQueries holdings,
            IpamMetrics metrics) {
        return new NetworkPlanning(networks, nodes, hostAddresses, plans, recovery, holdings, metrics);
    }

    @Bean
    Networks networks(
            PlanTransactions transactions,
            NetworkStore networks,
            NetworkEdits edits,
            NetworkPlanning planning,
            NetworkStates states,
            ReservationStore reservations,
            AuditEvents audit) {
        return new Networks(transactions, networks, edits, planning, states, reservations, audit);
    }

    @Bean
    NetworkEdits networkEdits(
            NetworkStore networks,
            NodeStore nodes,
            NetworkPlanning planning,
            BlockRecovery recovery,
            HoldingQueries holdings,
            ReservationStore reservations) {
        return new NetworkEdits(networks, nodes, planning, recovery, holdings, reservations);
    }

    @Bean
    NetworkStates networkStates(
            Transactions transactions, NetworkStore networks, PlanQueries queries, UsageQueries usages) {
        return new NetworkStates(transactions, networks, queries, usages);
    }

    @Bean
    Reservations reservations(
            PlanTransactions transactions, NetworkStore networks, ReservationStore reservations, AuditEvents audit) {
        return new Reservations(transactions, networks, reservations, audit);
    }

    @Bean
    Nodes nodes(
            PlanTransactions transactions,
            NetworkPlanning planning,
            NodeStore nodes,
            PlanStore plans,
            RetirementLedger retirements,
            StatedBlockStore stated,
            AuditEvents audit) {
        return new Nodes(transactions, planning, nodes, plans, retirements, stated, audit);
    }

    @Bean
    NodeStates nodeStates(Transactions transactions, NodeQueries queries) {
        return new NodeStates(transactions, queries);
    }

    @Bean
    RetirementLedger retirements(
            SessionStore sessions,
            HoldingQueries holdings,
            LedgerWriter ledgerWriter,
            InstantSource clock,
            IpamProperties properties) {
        return new RetirementLedger(sessions, holdings, ledgerWriter, clock, properties.nodeSilentAfter());
    }

    @Bean
    NodePlans nodePlans(
            Transactions transactions,
            NodeStore nodes,
            PlanQueries queries,
            PlanChangeLog changes,
            LineageStore lineages) {
        return new NodePlans(transactions, nodes, queries, changes, lineages);
    }

    @Bean
    LedgerWriter ledgerWriter(LedgerStore ledger, HoldingQueries holdings, SessionStore sessions) {
        return new LedgerWriter(ledger, holdings, sessions);
    }

    @Bean
    AgentSessions ledger(
            Transactions transactions,
            NodeStore nodes,
            SessionStore sessions,
            HoldingQueries holdings,
            LedgerWriter ledgerWriter,
            LineageStore lineages,
            PlanStatements statements,
            IpamMetrics metrics,
            InstantSource clock) {
        return new AgentSessions(
                transactions, nodes, sessions, holdings, ledgerWriter, lineages, statements, metrics, clock);
    }

    @Bean
    Releases releases(
            Transactions transactions,
            NetworkStore networks,
            HoldingQueries holdings,
            SessionStore sessions,
            LedgerWriter ledgerWriter,
            AuditEvents audit,
            InstantSource clock) {
        return new Releases(transactions, networks, holdings, sessions, ledgerWriter, audit, clock);
    }

    @Bean
    Audit audit(
            Transactions transactions,
            IntervalQueries queries,
            AuditEvents events,
            ConflictQueries conflicts,
            CompletenessQueries reports,
            InstantSource clock,
            AuditProperties properties) {
        return new Audit(transactions, queries, events, conflicts, reports, clock, properties.lagLimit());
    }

    @Bean
    PlanPolls planPolls(NodePlans plans, IpamMetrics metrics) {
        var polls = new PlanPolls(plans);
        metrics.waiters(polls::waiting);
        return polls;
    }

    @Bean
    PlanListener planListener(JdbcConnectionDetails database, PlanPolls polls) {
        return new PlanListener(
                () -> {
                    var properties = new Properties();
                    // Otherwise the URL contains them, or the driver's defaults apply.
                    setIfPresent(properties, "user", database.getUsername());
                    setIfPresent(properties, "password", database.getPassword());
                    properties.setProperty("connectTimeout", "5");
                    properties.setProperty("tcpKeepAlive", "true");
                    properties.setProperty("ApplicationName", "ipam-service plan listener");
                    return DriverManager.getConnection(database.getJdbcUrl(), properties);
                },
                PlanNotifications.CHANNEL,
                polls::wake);
    }

    private static void setIfPresent(Properties properties, String name, @Nullable String value) {
        if (value != null) {
            properties.setProperty(name, value);
        }
    }

    @Bean
    BodyLimitFilter bodyLimit(IpamProperties properties) {
        return new BodyLimitFilter(properties.maxBody());
    }

    /// Strict JSON for request bodies.
    @Bean
    JsonMapperBuilderCustomizer strictRequests() {
        return StrictValues::addTo;
    }
}
