package io.multinic.ipam.rest;

import io.multinic.contract.error.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/// What Jetty refuses before any code of ours sees it, such as a path with `%2F` or a head that is too large, is
/// problem+json too instead of a page.
public final class ServerErrors extends ErrorHandler {
    private static final HttpField PROBLEM =
            new HttpField(HttpHeader.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE);

    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int status,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback) {
        response.getHeaders().put(PROBLEM);
        response.write(true, problem(status), callback);
    }

    private static ByteBuffer problem(int status) {
        boolean ours = status >= HttpStatus.INTERNAL_SERVER_ERROR_500;
        ErrorCode code = ours ? ErrorCode.INTERNAL : ErrorCode.INVALID_REQUEST;
        return ByteBuffer.wrap("""
                        {"type":"urn:multinic:error:%s","title":"%s","status":%d,"detail":"%s","code":"%s"}""".formatted(
                        code.name().toLowerCase(Locale.ROOT),
                        HttpStatus.getMessage(status),
                        status,
                        ours
                                ? "a fault of ipam-service; its log has the cause"
                                : "the request is not one of HTTP or its path is not one of this service;"
                                        + " see /api/v1/openapi",
                        code.name())
                .getBytes(StandardCharsets.UTF_8));
    }
}
