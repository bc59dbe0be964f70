package io.multinic.ipam.config;

import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.service.ledger.Retention;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.ledger.IntervalArchive;
import io.multinic.ipam.store.ledger.MonthPartitions;
import java.time.InstantSource;
import java.util.List;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Retention of history. Every bean of type MonthPartitions takes part.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AuditProperties.class)
class RetentionConfiguration {
    @Bean
    MonthPartitions allocationMonths(JdbcClient jdbc) {
        return new MonthPartitions(jdbc, "allocation_past", "ended_at");
    }

    @Bean
    MonthPartitions auditEventMonths(JdbcClient jdbc) {
        return new MonthPartitions(jdbc, "audit_event", "at");
    }

    @Bean
    Retention retention(
            Transactions transactions,
            IntervalArchive history,
            MonthPartitions allocationMonths,
            List<MonthPartitions> tables,
            IpamMetrics metrics,
            InstantSource clock,
            AuditProperties properties) {
        var others = tables.stream().filter(table -> table != allocationMonths).toList();
        var rules = new Retention.Rules(properties.settle(), properties.keep());
        return new Retention(transactions, history, allocationMonths, others, metrics, clock, rules);
    }

    @Bean
    PeriodicTask retentionWork(Retention retention, AuditProperties properties) {
        return new PeriodicTask("retention", properties.every(), retention::run);
    }
}
