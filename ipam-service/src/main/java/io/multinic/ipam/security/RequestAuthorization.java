package io.multinic.ipam.security;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.web.util.ServletRequestPathUtils;

/// Authorization of requests by the [AccessRules].
public final class RequestAuthorization implements AuthorizationManager<RequestAuthorizationContext> {
    private static final AuthorizationResult GRANTED = new AuthorizationDecision(true);
    private static final AuthorizationResult UNAUTHENTICATED = new AuthorizationDecision(false);

    /// @param reason what is missing
    record Refused(String reason) implements AuthorizationResult {
        @Override
        public boolean isGranted() {
            return false;
        }
    }

    @Override
    public AuthorizationResult authorize(
            Supplier<? extends @Nullable Authentication> authentication, RequestAuthorizationContext context) {
        var request = context.getRequest();
        var path = ServletRequestPathUtils.parse(request).pathWithinApplication();
        var caller = CallerTokenConverter.callerOf(authentication.get());
        return switch (AccessRules.decide(request.getMethod(), path, caller)) {
            case AccessDecision.Granted() -> GRANTED;
            case AccessDecision.Unauthenticated() -> UNAUTHENTICATED;
            case AccessDecision.Denied(String reason) -> new Refused(reason);
        };
    }
}
