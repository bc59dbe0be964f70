package io.multinic.ipam.rest.problem;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.ipam.rest.RowStream;
import io.multinic.ipam.rest.strict.BodyLimitFilter;
import io.multinic.ipam.rest.strict.JsonFaults;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.JacksonException;

/// Mapping of errors to problem+json: status, detail, error code, and the field if a single field is invalid.
@RestControllerAdvice
public class Problems extends ResponseEntityExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(Problems.class);
    static final String INTERNAL_DETAIL = "a fault of ipam-service; its log has the cause";
    private static final String RETRY_AFTER_SECONDS = "1";
    /// SQLSTATEs of a database that cannot serve now: connection, resources, operator intervention such as a
    /// shutdown, and a standby that is not promoted yet, which accepts no writes and has no WAL position to write
    /// at.
    private static final List<String> UNAVAILABLE_STATES = List.of("08", "53", "57", "25006", "55000");

    @ExceptionHandler
    ResponseEntity<Object> refused(MultiNicException e) {
        if (status(e.code()).is5xxServerError() && e.code() != ErrorCode.TRY_AGAIN_LATER) {
            log.atError().setCause(e).log("request failed");
        }
        return problem(e.code(), status(e.code()), e.getMessage(), null);
    }

    /// The database does not respond, or not in time.
    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class,
        QueryTimeoutException.class,
        TransactionException.class
    })
    ResponseEntity<Object> unavailable(Exception e) {
        log.atWarn().addKeyValue("reason", rootOf(e).getMessage()).log("database does not respond");
        return problem(
                ErrorCode.TRY_AGAIN_LATER,
                HttpStatus.SERVICE_UNAVAILABLE,
                "the database does not answer; try again later",
                null);
    }

    /// A part of the response has been sent, so no problem can be written. Rethrown, it makes the container abort
    /// the connection.
    @ExceptionHandler
    void connectionAborted(RowStream.Broken e) {
        log.atWarn().addKeyValue("reason", rootOf(e).toString()).log("row stream aborted");
        throw e;
    }

    @ExceptionHandler
    ResponseEntity<Object> internalError(Exception e) {
        if (isConnectionLost(e)) {
            return unavailable(e);
        }
        log.atError().setCause(e).log("request failed");
        return problem(ErrorCode.INTERNAL, HttpStatus.INTERNAL_SERVER_ERROR, INTERNAL_DETAIL, null);
    }

    /// Spring has no exception class for some of these failures, and the cause of the SQL exception may be an I/O
    /// error. The pool reports no state for a connection that broke before, for example at a rollback.
    private static boolean isConnectionLost(Throwable e) {
        return causeOf(e, SQLException.class)
                .filter(sql -> sql.getSQLState() == null
                        || UNAVAILABLE_STATES.stream().anyMatch(sql.getSQLState()::startsWith))
                .isPresent();
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        Optional<MultiNicException> ours = causeOf(e, MultiNicException.class);
        if (ours.isPresent()) {
            return refused(ours.get());
        }
        Optional<BodyLimitFilter.TooLarge> tooLarge = causeOf(e, BodyLimitFilter.TooLarge.class);
        if (tooLarge.isPresent()) {
            return problem(
                    ErrorCode.INVALID_REQUEST,
                    HttpStatus.CONTENT_TOO_LARGE,
                    String.valueOf(tooLarge.get().getMessage()),
                    null);
        }
        Optional<JacksonException> unreadable = causeOf(e, JacksonException.class);
        String field = unreadable.map(Problems::fieldOf).orElse(null);
        String detail = causeOf(e, IllegalArgumentException.class)
                .map(Throwable::getMessage)
                .or(() -> unreadable.map(JsonFaults::of))
                .orElse("the body is missing; send JSON");
        return problem(
                ErrorCode.INVALID_REQUEST,
                HttpStatus.BAD_REQUEST,
                field == null || field.isEmpty() ? "the body cannot be read: " + detail : field + ": " + detail,
                field);
    }

    /// Path of the field, such as `events[3].allocation.address`.
    private static String fieldOf(JacksonException e) {
        var path = new StringBuilder();
        for (var step : e.getPath()) {
            if (step.getPropertyName() != null) {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            } else if (step.getIndex() >= 0) {
                path.append('[').append(step.getIndex()).append(']');
            }
        }
        return path.toString();
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String detail = e instanceof MethodArgumentTypeMismatchException mismatch
                ? mismatch.getName() + " is '" + mismatch.getValue() + "'; give "
                        + JsonFaults.expected(mismatch.getRequiredType())
                : e instanceof ErrorResponse response && response.getBody().getDetail() != null
                        ? response.getBody().getDetail()
                        : "the request cannot be served";
        ErrorCode code = status.is5xxServerError() ? ErrorCode.INTERNAL : ErrorCode.INVALID_REQUEST;
        var answer = problem(code, status, detail, null);
        var all = new HttpHeaders();
        all.addAll(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return new ResponseEntity<>(answer.getBody(), all, status);
    }

    /// HTTP status of an error code.
    public static HttpStatus status(ErrorCode code) {
        return switch (code) {
            case NETWORK_UNKNOWN, NODE_UNKNOWN -> HttpStatus.NOT_FOUND;
            case NOT_AUTHENTICATED -> HttpStatus.UNAUTHORIZED;
            case NOT_ALLOWED -> HttpStatus.FORBIDDEN;
            case INVALID_NETWORK -> HttpStatus.UNPROCESSABLE_CONTENT;
            case NETWORK_EDIT_REFUSED,
                    STALE_SESSION,
                    IN_USE,
                    LEDGER_GAP,
                    RESERVATION_REFUSED,
                    ADDRESS_NOT_HELD,
                    QUARANTINED,
                    SESSION_NEEDED -> HttpStatus.CONFLICT;
            case NODE_RETIRED -> HttpStatus.GONE;
            default ->
                switch (code.kind()) {
                    case CALLER -> HttpStatus.BAD_REQUEST;
                    case CAPACITY -> HttpStatus.CONFLICT;
                    case TRANSIENT -> HttpStatus.SERVICE_UNAVAILABLE;
                    case INTERNAL -> HttpStatus.INTERNAL_SERVER_ERROR;
                };
        };
    }

    /// `type` of a problem.
    static String type(ErrorCode code) {
        return "urn:multinic:error:" + code.name().toLowerCase(Locale.ROOT);
    }

    static ResponseEntity<Object> problem(
            ErrorCode code, HttpStatusCode status, String detail, @Nullable String field) {
        var problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create(type(code)));
        problem.setProperty("code", code.name());
        if (field != null && !field.isEmpty()) {
            problem.setProperty("field", field);
        }
        var answer = ResponseEntity.status(status).contentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (status.value() == HttpStatus.SERVICE_UNAVAILABLE.value()) {
            answer.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        return answer.body(problem);
    }

    private static <T extends Throwable> Optional<T> causeOf(Throwable e, Class<T> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }

    private static Throwable rootOf(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
