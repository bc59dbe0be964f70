package io.multinic.ipam.config;

import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.poll.PlanListener;
import io.multinic.ipam.poll.PlanPolls;
import io.multinic.ipam.registry.Audit;
import io.multinic.ipam.registry.Bookkeeping;
import io.multinic.ipam.registry.Departures;
import io.multinic.ipam.registry.Ledger;
import io.multinic.ipam.registry.NetworkEdits;
import io.multinic.ipam.registry.NetworkPlanning;
import io.multinic.ipam.registry.NetworkStates;
import io.multinic.ipam.registry.Networks;
import io.multinic.ipam.registry.NodePlans;
import io.multinic.ipam.registry.Nodes;
import io.multinic.ipam.registry.Releases;
import io.multinic.ipam.registry.Reservations;
import io.multinic.ipam.registry.Restorations;
import io.multinic.ipam.registry.Statements;
import io.multinic.ipam.rest.BodyLimit;
import io.multinic.ipam.rest.StrictValues;
import io.multinic.ipam.store.AuditEvents;
import io.multinic.ipam.store.AuditQueries;
import io.multinic.ipam.store.ConflictQueries;
import io.multinic.ipam.store.HoldingQueries;
import io.multinic.ipam.store.HostAddressStore;
import io.multinic.ipam.store.LedgerStore;
import io.multinic.ipam.store.LineageStore;
import io.multinic.ipam.store.NetworkStore;
import io.multinic.ipam.store.NodeQueries;
import io.multinic.ipam.store.NodeReports;
import io.multinic.ipam.store.NodeStore;
import io.multinic.ipam.store.PlanChanges;
import io.multinic.ipam.store.PlanQueries;
import io.multinic.ipam.store.PlanStore;
import io.multinic.ipam.store.ReservationStore;
import io.multinic.ipam.store.SessionStore;
import io.multinic.ipam.store.StatedBlocks;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.UsageQueries;
import java.sql.DriverManager;
import java.time.InstantSource;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

/// The beans of the service.
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
    NetworkPlanning networkPlanning(
            NetworkStore networks,
            NodeStore nodes,
            HostAddressStore hostAddresses,
            PlanStore plans,
            Restorations restorations,
            HoldingQueries holdings,
            IpamMetrics metrics) {
        return new NetworkPlanning(networks, nodes, hostAddresses, plans, restorations, holdings, metrics);
    }

    @Bean
    Networks networks(
            Transactions transactions,
            NetworkStore networks,
            NetworkEdits edits,
            NetworkPlanning planning,
            PlanStore plans,
            PlanChanges changes,
            NetworkStates states,
            ReservationStore reservations,
            AuditEvents audit) {
        return new Networks(transactions, networks, edits, planning, plans, changes, states, reservations, audit);
    }

    @Bean
    NetworkEdits networkEdits(
            NetworkStore networks,
            NodeStore nodes,
            NetworkPlanning planning,
            Restorations restorations,
            HoldingQueries holdings,
            ReservationStore reservations) {
        return new NetworkEdits(networks, nodes, planning, restorations, holdings, reservations);
    }

    @Bean
    NetworkStates networkStates(
            Transactions transactions, NetworkStore networks, PlanQueries queries, UsageQueries usages) {
        return new NetworkStates(transactions, networks, queries, usages);
    }

    @Bean
    Reservations reservations(
            Transactions transactions,
            NetworkStore networks,
            PlanStore plans,
            ReservationStore reservations,
            AuditEvents audit) {
        return new Reservations(transactions, networks, plans, reservations, audit);
    }

    @Bean
    Nodes nodes(
            Transactions transactions,
            NetworkPlanning planning,
            NodeStore nodes,
            HostAddressStore hostAddresses,
            PlanStore plans,
            NodeQueries states,
            Departures departures,
            StatedBlocks stated,
            AuditEvents audit) {
        return new Nodes(transactions, planning, nodes, hostAddresses, plans, states, departures, stated, audit);
    }

    @Bean
    Departures departures(
            SessionStore sessions,
            HoldingQueries holdings,
            Bookkeeping books,
            InstantSource clock,
            IpamProperties properties) {
        return new Departures(sessions, holdings, books, clock, properties.nodeSilentAfter());
    }

    @Bean
    NodePlans nodePlans(
            Transactions transactions,
            NodeStore nodes,
            PlanQueries queries,
            PlanChanges changes,
            LineageStore lineages) {
        return new NodePlans(transactions, nodes, queries, changes, lineages);
    }

    @Bean
    Bookkeeping bookkeeping(LedgerStore ledger, HoldingQueries holdings, SessionStore sessions) {
        return new Bookkeeping(ledger, holdings, sessions);
    }

    @Bean
    Ledger ledger(
            Transactions transactions,
            NodeStore nodes,
            SessionStore sessions,
            HoldingQueries holdings,
            Bookkeeping books,
            LineageStore lineages,
            Statements statements,
            IpamMetrics metrics,
            InstantSource clock) {
        return new Ledger(transactions, nodes, sessions, holdings, books, lineages, statements, metrics, clock);
    }

    @Bean
    Releases releases(
            Transactions transactions,
            NetworkStore networks,
            HoldingQueries holdings,
            SessionStore sessions,
            Bookkeeping books,
            AuditEvents audit,
            InstantSource clock) {
        return new Releases(transactions, networks, holdings, sessions, books, audit, clock);
    }

    @Bean
    Audit audit(
            Transactions transactions,
            AuditQueries queries,
            AuditEvents events,
            ConflictQueries conflicts,
            NodeReports reports,
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
                    // Where they are not set, the URL has them, or the driver's own defaults count.
                    setIfPresent(properties, "user", database.getUsername());
                    setIfPresent(properties, "password", database.getPassword());
                    properties.setProperty("connectTimeout", "5");
                    properties.setProperty("tcpKeepAlive", "true");
                    properties.setProperty("ApplicationName", "ipam-service plan listener");
                    return DriverManager.getConnection(database.getJdbcUrl(), properties);
                },
                PlanStore.CHANNEL,
                polls::wake);
    }

    private static void setIfPresent(Properties properties, String name, @Nullable String value) {
        if (value != null) {
            properties.setProperty(name, value);
        }
    }

    @Bean
    BodyLimit bodyLimit(IpamProperties properties) {
        return new BodyLimit(properties.maxBody());
    }

    /// A request says all it must say, in one way, and nothing that nobody will hear.
    @Bean
    JsonMapperBuilderCustomizer strictRequests() {
        return StrictValues::addTo;
    }
}
