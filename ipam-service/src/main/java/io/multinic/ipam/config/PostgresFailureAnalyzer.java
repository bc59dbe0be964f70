package io.multinic.ipam.config;

import io.multinic.ipam.postgres.PostgresStartException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Says in one sentence why the service does not start, instead of eighty lines of bean creation.
final class PostgresFailureAnalyzer extends AbstractFailureAnalyzer<PostgresStartException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, PostgresStartException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
