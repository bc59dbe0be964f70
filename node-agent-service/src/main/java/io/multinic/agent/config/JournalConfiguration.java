package io.multinic.agent.config;

import io.multinic.agent.garbage.JournalRetention;
import io.multinic.agent.journal.AllocationStore;
import io.multinic.agent.journal.Outbox;
import io.multinic.agent.journal.SqliteJournal;
import io.multinic.agent.plan.PlanCache;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The journal and the ports that it implements.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AgentProperties.class)
class JournalConfiguration {
    @Bean(destroyMethod = "close")
    SqliteJournal journal(AgentProperties properties) {
        return SqliteJournal.open(properties.journal());
    }

    @Bean
    AllocationStore allocationStore(SqliteJournal journal) {
        return journal.allocations();
    }

    @Bean
    Outbox outbox(SqliteJournal journal) {
        return journal.outbox();
    }

    @Bean
    PlanCache planCache(SqliteJournal journal) {
        return journal.plans();
    }

    @Bean(destroyMethod = "") // AgentLifecycle starts and stops it
    JournalRetention journalRetention(AllocationStore store, InstantSource clock, AgentProperties properties) {
        return new JournalRetention(store, clock, properties.memory(), properties.addressRest());
    }
}
