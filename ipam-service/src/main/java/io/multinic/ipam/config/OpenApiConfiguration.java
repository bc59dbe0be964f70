package io.multinic.ipam.config;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// What the OpenAPI document says beyond what the controllers say.
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
    private static final String TOKEN = "token";

    /// How a request says who asks, and how it is turned away.
    @Bean
    OpenApiCustomizer tokens(SecurityProperties properties) {
        var scheme = new SecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .bearerFormat("JWT")
                .description("a token for audience " + properties.audience());
        return api -> {
            if (api.getComponents() == null) {
                api.setComponents(new Components());
            }
            api.getComponents().addSecuritySchemes(TOKEN, scheme);
            api.addSecurityItem(new SecurityRequirement().addList(TOKEN));
            api.getPaths().values().stream()
                    .flatMap(path -> path.readOperations().stream())
                    .forEach(operation -> operation
                            .getResponses()
                            .addApiResponse(
                                    "401", new ApiResponse().description("no token, or one that does not count"))
                            .addApiResponse("403", new ApiResponse().description("the token is not for this")));
        };
    }
}
