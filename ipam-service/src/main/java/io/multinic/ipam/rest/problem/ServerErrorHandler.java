package io.multinic.ipam.rest.problem;

import io.multinic.contract.error.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/// Error handler for requests that Jetty rejects itself, such as a path with `%2F` or too large headers: answers
/// problem+json instead of a page.
public final class ServerErrorHandler extends ErrorHandler {
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
        ErrorCode code = HttpStatus.isServerError(status) ? ErrorCode.INTERNAL : ErrorCode.INVALID_REQUEST;
        return ByteBuffer.wrap(
                """
                        {"type":"%s","title":"%s","status":%d,"detail":"%s","code":"%s"}""".formatted(Problems.type(code), HttpStatus.getMessage(status), status, detail(status), code.name())
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static String detail(int status) {
        if (HttpStatus.isServerError(status)) {
            return Problems.INTERNAL_DETAIL;
        }
        return status == HttpStatus.METHOD_NOT_ALLOWED_405
                ? "no operation has this method; see /api/v1/openapi"
                : "the request is not one of HTTP or its path is not one of this service; see /api/v1/openapi";
    }
}
