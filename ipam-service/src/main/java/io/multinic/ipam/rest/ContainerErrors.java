package io.multinic.ipam.rest;

import io.multinic.contract.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/// What Tomcat refuses before any code of ours sees it, such as a path with `%2F` or a character that no URL has, is
/// problem+json too instead of a page.
public final class ContainerErrors extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable fault) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        HttpStatus known = HttpStatus.resolve(status);
        boolean ours = status >= 500;
        ErrorCode code = ours ? ErrorCode.INTERNAL : ErrorCode.INVALID_REQUEST;
        try {
            response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
            response.getOutputStream().write("""
                            {"type":"urn:multinic:error:%s","title":"%s","status":%d,"detail":"%s","code":"%s"}""".formatted(
                            code.name().toLowerCase(Locale.ROOT),
                            known == null ? "Error" : known.getReasonPhrase(),
                            status,
                            ours
                                    ? "a fault of ipam-service; its log has the cause"
                                    : "the request is not one of HTTP or its path is not one of this service;"
                                            + " see /api/v1/openapi",
                            code.name())
                    .getBytes(StandardCharsets.UTF_8));
            response.finishResponse();
        } catch (IOException e) {
            // the caller is gone
        }
    }
}
