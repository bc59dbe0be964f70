package io.multinic.ipam.rest.problem;

import io.multinic.contract.error.ErrorCode;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Error page of the container for requests that failed outside of every operation; it answers a problem like all
/// others.
@Hidden
@RestController
class ErrorPageController implements ErrorController {
    private final Problems problems;

    ErrorPageController(Problems problems) {
        this.problems = problems;
    }

    @RequestMapping("${server.error.path:/error}")
    ResponseEntity<Object> error(HttpServletRequest request) {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        HttpStatus known = status instanceof Integer number ? HttpStatus.resolve(number) : HttpStatus.NOT_FOUND;
        if (known == null || known.is5xxServerError()) {
            Throwable cause = (Throwable) request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
            return problems.internalError(
                    cause instanceof Exception e ? e : new IllegalStateException("status " + status));
        }
        return Problems.problem(
                ErrorCode.INVALID_REQUEST, known, "this request cannot be served; see /api/v1/openapi", null);
    }
}
