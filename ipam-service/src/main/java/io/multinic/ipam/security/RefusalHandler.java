package io.multinic.ipam.security;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.ipam.metrics.IpamMetrics;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.web.servlet.HandlerExceptionResolver;

/// Responses to rejected requests: problem+json that names what is missing and the remedy. No part of an invalid
/// token is repeated, neither to the caller nor in the log.
public final class RefusalHandler
        implements AuthenticationEntryPoint, AuthenticationFailureHandler, AccessDeniedHandler, RequestRejectedHandler {
    private static final Logger log = LoggerFactory.getLogger(RefusalHandler.class);

    private final HandlerExceptionResolver problems;
    private final IpamMetrics metrics;
    private final String audience;

    /// @param problems converts exceptions to problem+json
    public RefusalHandler(HandlerExceptionResolver problems, IpamMetrics metrics, String audience) {
        this.problems = problems;
        this.metrics = metrics;
        this.audience = audience;
    }

    /// Answers a request without a token to an operation that requires one.
    @Override
    public void commence(HttpServletRequest request, HttpServletResponse response, AuthenticationException e) {
        unauthenticated(
                request,
                response,
                "Bearer",
                "no token; send `Authorization: Bearer TOKEN` with one for audience " + audience);
    }

    /// Answers a request whose token is invalid, or cannot be verified now.
    @Override
    public void onAuthenticationFailure(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException e) {
        if (e instanceof AuthenticationServiceException) {
            keysUnavailable(request, response, e);
            return;
        }
        String fault = e.getCause() instanceof JwtValidationException invalid
                ? invalid.getErrors().iterator().next().getDescription()
                : null;
        unauthenticated(
                request,
                response,
                "Bearer error=\"invalid_token\"",
                fault != null
                        ? fault
                        : "the token is not a JWT that is signed, by RS256 or ES256, with a key that ipam-service trusts");
    }

    private void unauthenticated(
            HttpServletRequest request, HttpServletResponse response, String challenge, String reason) {
        metrics.refused(IpamMetrics.Refused.UNAUTHENTICATED);
        log.atDebug().addKeyValue("reason", reason).log("request without a valid token");
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, challenge);
        answer(request, response, ErrorCode.NOT_AUTHENTICATED, reason);
    }

    private void keysUnavailable(HttpServletRequest request, HttpServletResponse response, AuthenticationException e) {
        metrics.refused(IpamMetrics.Refused.KEYS_UNAVAILABLE);
        log.debug("token cannot be verified", e);
        answer(
                request,
                response,
                ErrorCode.TRY_AGAIN_LATER,
                "cannot tell now whether the token counts: the keys of its issuer cannot be had; try again later");
    }

    /// Answers a request whose caller lacks the permission.
    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException e) {
        metrics.refused(IpamMetrics.Refused.NOT_ALLOWED);
        String reason = e instanceof AuthorizationDeniedException denied
                        && denied.getAuthorizationResult() instanceof RequestAuthorization.Refused refused
                ? refused.reason()
                : "not allowed";
        log.atWarn()
                .addKeyValue("method", request.getMethod())
                .addKeyValue("path", request.getRequestURI())
                .addKeyValue("reason", reason)
                .log("request refused");
        answer(request, response, ErrorCode.NOT_ALLOWED, reason);
    }

    /// Answers a request with a malformed path, such as one with `//`.
    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, RequestRejectedException e) {
        answer(request, response, ErrorCode.INVALID_REQUEST, String.valueOf(e.getMessage()));
    }

    private void answer(HttpServletRequest request, HttpServletResponse response, ErrorCode code, String reason) {
        problems.resolveException(request, response, null, new MultiNicException(code, reason));
    }
}
