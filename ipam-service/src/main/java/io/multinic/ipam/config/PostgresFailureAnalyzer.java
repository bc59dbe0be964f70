package io.multinic.ipam.config;

import io.multinic.ipam.postgres.PostgresStartException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Analyzer that reports a failed start of PostgreSQL in one sentence instead of a stack trace.
final class PostgresFailureAnalyzer extends AbstractFailureAnalyzer<PostgresStartException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, PostgresStartException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
