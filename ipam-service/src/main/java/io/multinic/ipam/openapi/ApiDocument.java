package io.multinic.ipam.openapi;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.util.List;
import org.springdoc.core.customizers.OpenApiCustomizer;

/// Document-wide parts of the OpenAPI document: security, servers, and bounds of parameters.
public final class ApiDocument implements OpenApiCustomizer {
    private static final String TOKEN = "token";

    private final String audience;

    /// @param audience of the tokens
    public ApiDocument(String audience) {
        this.audience = audience;
    }

    @Override
    public void customise(OpenAPI api) {
        if (api.getComponents() == null) {
            api.setComponents(new Components());
        }
        api.getComponents()
                .addSchemas(ProblemResponses.SCHEMA, ProblemResponses.schema())
                .addSecuritySchemes(
                        TOKEN,
                        new SecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .bearerFormat("JWT")
                                .description("a token for audience " + audience));
        api.addSecurityItem(new SecurityRequirement().addList(TOKEN));
        api.setInfo(new Info()
                .title("Multi-NIC CNI: ipam-service")
                .version("v1")
                .description("The address plan and the ledger of every allocation; docs/rest-ipam.md tells more"));
        api.setServers(List.of(new Server().url("/")));
        api.getPaths().forEach((path, item) -> item.readOperations().forEach(operation -> describe(path, operation)));
    }

    private static void describe(String path, Operation operation) {
        if (operation.getParameters() != null) {
            for (var parameter : operation.getParameters()) {
                // Parameters of one type share their schema up to here.
                Schema<?> schema = Schemas.copy(parameter.getSchema());
                SchemaBounds.ofParameter(path, parameter.getName(), schema);
                parameter.setSchema(schema);
                if (parameter.getName().equals("format")) {
                    parameter.setDescription("goes before Accept; csv and ndjson have every row if there is no limit");
                    addRows(operation);
                }
            }
        }
        if (operation.getRequestBody() != null) {
            operation.getRequestBody().setRequired(true);
        }
    }

    /// Adds the row formats to a list that is answered as JSON.
    private static void addRows(Operation operation) {
        ApiResponse answer = operation.getResponses().get("200");
        if (answer != null && answer.getContent() != null) {
            for (String type : List.of("text/csv", "application/x-ndjson")) {
                answer.getContent().addMediaType(type, new MediaType().schema(Schemas.of("string")));
            }
        }
    }
}
