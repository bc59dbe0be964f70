package io.multinic.ipam.security;

import java.security.Principal;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.converter.Converter;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.jwt.Jwt;

/// Converter of a valid token to its caller: roles come from the settings by subject, the node from Kubernetes' claim
/// `kubernetes.io`.
public final class CallerTokenConverter implements Converter<Jwt, AbstractAuthenticationToken> {
    private final Map<Role, List<String>> subjects;

    /// @param subjects by role; a subject may have several roles
    public CallerTokenConverter(Map<Role, List<String>> subjects) {
        this.subjects = Map.copyOf(subjects);
    }

    /// Authentication of a request; the token itself is not kept.
    private static final class KnownCaller extends AbstractAuthenticationToken {
        private static final long serialVersionUID = 1L;

        private final transient Caller caller;

        KnownCaller(Caller caller) {
            super(List.of());
            this.caller = caller;
            setAuthenticated(true);
        }

        @Override
        public Object getCredentials() {
            return "";
        }

        @Override
        public Object getPrincipal() {
            return caller;
        }

        @Override
        public String getName() {
            return caller.subject();
        }
    }

    @Override
    public AbstractAuthenticationToken convert(Jwt token) {
        String subject = String.valueOf(token.getSubject());
        var roles = EnumSet.noneOf(Role.class);
        subjects.forEach((role, names) -> {
            if (names.contains(subject)) {
                roles.add(role);
            }
        });
        return new KnownCaller(new Caller(subject, roles, node(token, "name"), node(token, "uid")));
    }

    private static Optional<String> node(Jwt token, String claim) {
        return token.getClaim("kubernetes.io") instanceof Map<?, ?> kubernetes
                        && kubernetes.get("node") instanceof Map<?, ?> node
                        && node.get(claim) instanceof String value
                ? Optional.of(value)
                : Optional.empty();
    }

    /// Caller of the request; empty without a token.
    public static Optional<Caller> callerOf(@Nullable Principal principal) {
        return principal instanceof Authentication authentication
                        && authentication.getPrincipal() instanceof Caller caller
                ? Optional.of(caller)
                : Optional.empty();
    }
}
