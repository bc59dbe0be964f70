package io.multinic.ipam.config;

import io.multinic.ipam.openapi.ApiDocument;
import io.multinic.ipam.openapi.ProblemResponses;
import io.multinic.ipam.openapi.RecordSchemas;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Additions to the OpenAPI document that the controllers do not declare.
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
    @Bean
    ApiDocument apiDocument(SecurityProperties properties) {
        return new ApiDocument(properties.audience());
    }

    @Bean
    ProblemResponses problemAnswers() {
        return new ProblemResponses();
    }

    @Bean
    RecordSchemas recordSchemas() {
        return new RecordSchemas();
    }
}
