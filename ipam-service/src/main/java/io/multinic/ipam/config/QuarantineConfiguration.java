package io.multinic.ipam.config;

import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.service.node.PlanStatements;
import io.multinic.ipam.service.node.Quarantine;
import io.multinic.ipam.service.plan.BlockRecovery;
import io.multinic.ipam.service.plan.NetworkPlanning;
import io.multinic.ipam.store.audit.AuditEvents;
import io.multinic.ipam.store.plan.LineageStore;
import io.multinic.ipam.store.plan.NetworkStore;
import io.multinic.ipam.store.plan.NodeStore;
import io.multinic.ipam.store.plan.PlanStore;
import io.multinic.ipam.store.plan.PlanTransactions;
import io.multinic.ipam.store.plan.StatedBlockStore;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Quarantine: keeps a database that lost commits from assigning blocks that are in use.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(QuarantineProperties.class)
class QuarantineConfiguration {
    @Bean
    BlockRecovery recovery(LineageStore lineage, StatedBlockStore stated, AuditEvents audit) {
        return new BlockRecovery(lineage, stated, audit);
    }

    @Bean
    PlanStatements statements(
            PlanTransactions transactions,
            LineageStore lineage,
            StatedBlockStore stated,
            NodeStore nodes,
            NetworkStore networks,
            PlanStore plans,
            NetworkPlanning planning,
            InstantSource clock) {
        return new PlanStatements(transactions, lineage, stated, nodes, networks, plans, planning, clock);
    }

    @Bean
    Quarantine quarantine(
            PlanTransactions transactions,
            LineageStore lineage,
            StatedBlockStore stated,
            NetworkPlanning planning,
            AuditEvents audit,
            IpamMetrics metrics,
            QuarantineProperties properties) {
        var quarantine = new Quarantine(transactions, lineage, stated, planning, audit, properties.atLeast());
        metrics.quarantine(
                () -> quarantine.status().active() ? 1 : 0,
                () -> quarantine.status().waiting(),
                () -> quarantine.status().unsettled());
        return quarantine;
    }

    @Bean
    PeriodicTask quarantineWatch(Quarantine quarantine, QuarantineProperties properties) {
        return new PeriodicTask("quarantine", properties.look(), quarantine::check);
    }

    /// Health details of the quarantine. The service stays ready: existing assignments and the ledger are not
    /// affected.
    @Bean
    HealthIndicator quarantineHealthIndicator(Quarantine quarantine) {
        return () -> Health.up()
                .withDetail("active", quarantine.status().active())
                .withDetail("waiting", quarantine.status().waiting())
                .withDetail("unsettled", quarantine.status().unsettled())
                .build();
    }
}
