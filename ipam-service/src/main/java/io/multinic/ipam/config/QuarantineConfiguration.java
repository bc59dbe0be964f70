package io.multinic.ipam.config;

import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.registry.NetworkPlanning;
import io.multinic.ipam.registry.Quarantine;
import io.multinic.ipam.registry.Restorations;
import io.multinic.ipam.registry.Statements;
import io.multinic.ipam.store.AuditEvents;
import io.multinic.ipam.store.LineageStore;
import io.multinic.ipam.store.NetworkStore;
import io.multinic.ipam.store.NodeStore;
import io.multinic.ipam.store.PlanStore;
import io.multinic.ipam.store.StatedBlocks;
import io.multinic.ipam.store.Transactions;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// What keeps a database that lost commits from giving live blocks away.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(QuarantineProperties.class)
class QuarantineConfiguration {
    @Bean
    Restorations restorations(LineageStore lineage, StatedBlocks stated, AuditEvents audit) {
        return new Restorations(lineage, stated, audit);
    }

    @Bean
    Statements statements(
            Transactions transactions,
            LineageStore lineage,
            StatedBlocks stated,
            NodeStore nodes,
            NetworkStore networks,
            PlanStore plans,
            NetworkPlanning planning,
            InstantSource clock) {
        return new Statements(transactions, lineage, stated, nodes, networks, plans, planning, clock);
    }

    @Bean
    Quarantine quarantine(
            Transactions transactions,
            LineageStore lineage,
            StatedBlocks stated,
            PlanStore plans,
            NetworkPlanning planning,
            AuditEvents audit,
            IpamMetrics metrics,
            QuarantineProperties properties) {
        var quarantine = new Quarantine(transactions, lineage, stated, plans, planning, audit, properties.atLeast());
        metrics.quarantine(
                () -> quarantine.seen().active() ? 1 : 0,
                () -> quarantine.seen().waiting(),
                () -> quarantine.seen().unsettled());
        return quarantine;
    }

    @Bean
    PeriodicWork quarantineWatch(Quarantine quarantine, QuarantineProperties properties) {
        return new PeriodicWork("quarantine", properties.look(), quarantine::look);
    }

    /// The service is ready all the same: what is given out holds, and the ledger goes on.
    @Bean
    HealthIndicator quarantineHealthIndicator(Quarantine quarantine) {
        return () -> Health.up()
                .withDetail("active", quarantine.seen().active())
                .withDetail("waiting", quarantine.seen().waiting())
                .withDetail("unsettled", quarantine.seen().unsettled())
                .build();
    }
}
