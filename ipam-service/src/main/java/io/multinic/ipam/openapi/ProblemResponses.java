package io.multinic.ipam.openapi;

import io.multinic.contract.error.ErrorCode;
import io.multinic.ipam.rest.Refuses;
import io.multinic.ipam.rest.problem.Problems;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.http.MediaType;
import org.springframework.web.method.HandlerMethod;

/// Error responses of every operation, so that any undocumented status is a fault.
public final class ProblemResponses implements OperationCustomizer {
    static final String SCHEMA = "Problem";

    @Override
    public Operation customize(Operation operation, HandlerMethod method) {
        String subject =
                method.getBeanType().getSimpleName().replace("Controller", "").toLowerCase(Locale.ROOT);
        operation.setOperationId(subject + "-" + method.getMethod().getName());
        operation.setTags(List.of(subject));
        ApiResponses responses = operation.getResponses();
        if (method.getMethod().getReturnType() == CompletableFuture.class) {
            responses.addApiResponse("204", new ApiResponse().description("no change until the end of `wait`"));
        }
        problems(operation, method)
                .forEach((status, codes) ->
                        responses.addApiResponse(Integer.toString(status), problem(String.join(", ", codes), status)));
        return operation;
    }

    private static Map<Integer, Set<String>> problems(Operation operation, HandlerMethod method) {
        Map<Integer, Set<String>> codes = new TreeMap<>();
        add(codes, 400, ErrorCode.INVALID_REQUEST);
        if (method.getMethod().getReturnType() != void.class) {
            add(codes, 406, ErrorCode.INVALID_REQUEST);
        }
        if (operation.getRequestBody() != null) {
            add(codes, 413, ErrorCode.INVALID_REQUEST);
            add(codes, 415, ErrorCode.INVALID_REQUEST);
        }
        for (ErrorCode code : Set.of(
                ErrorCode.NOT_AUTHENTICATED, ErrorCode.NOT_ALLOWED, ErrorCode.INTERNAL, ErrorCode.TRY_AGAIN_LATER)) {
            add(codes, Problems.status(code).value(), code);
        }
        Refuses refuses = method.getMethodAnnotation(Refuses.class);
        if (refuses != null) {
            Arrays.stream(refuses.value())
                    .forEach(code -> add(codes, Problems.status(code).value(), code));
        }
        return codes;
    }

    private static void add(Map<Integer, Set<String>> codes, int status, ErrorCode code) {
        codes.computeIfAbsent(status, none -> new TreeSet<>()).add(code.name());
    }

    private static ApiResponse problem(String codes, int status) {
        var response = new ApiResponse()
                .description(codes)
                .content(new Content()
                        .addMediaType(
                                MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                                new io.swagger.v3.oas.models.media.MediaType().schema(Schemas.reference(SCHEMA))));
        switch (status) {
            case 401 -> response.addHeaderObject("WWW-Authenticate", text("what is asked for"));
            case 503 -> response.addHeaderObject("Retry-After", text("in so many seconds"));
            default -> {}
        }
        return response;
    }

    private static Header text(String description) {
        return new Header().description(description).schema(Schemas.of("string"));
    }

    /// Problem of RFC 9457 with the error code.
    static Schema<?> schema() {
        var schema = Schemas.of("object");
        for (String text : new String[] {"type", "title", "detail", "instance", "field"}) {
            schema.addProperty(text, Schemas.of("string"));
        }
        schema.addProperty("status", Schemas.of("integer"));
        var code = Schemas.of("string");
        Arrays.stream(ErrorCode.values()).map(ErrorCode::name).forEach(code::addEnumItemObject);
        schema.addProperty("code", code);
        schema.setRequired(List.of("type", "title", "status", "detail", "code"));
        schema.setAdditionalProperties(false);
        return schema;
    }
}
