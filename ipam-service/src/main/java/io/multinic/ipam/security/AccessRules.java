package io.multinic.ipam.security;

import static io.multinic.ipam.security.Role.ADMIN;
import static io.multinic.ipam.security.Role.AGENT;
import static io.multinic.ipam.security.Role.CONTROLLER;
import static io.multinic.ipam.security.Role.READER;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/// Access rules of all operations, in the table below. The first matching rule decides. An admin may call every
/// operation; an operation without a rule is for admins only, so a new one is closed until it gets a rule.
///
/// On a path with `{node}` an agent may act only for the node in its token. Paths are matched by Spring MVC's own
/// patterns, so that both read a path in the same way.
public final class AccessRules {
    private static final String NODE = "node";

    private static final List<Rule> RULES = List.of(
            open("GET", "/actuator/health/**"),
            rule("GET", "/actuator/**", READER),
            rule("GET", "/api/v1/nodes/{node}", CONTROLLER, READER, AGENT),
            rule("GET", "/api/v1/nodes/{node}/plan", READER, AGENT),
            rule("GET", "/api/v1/nodes/{node}/plan/changes", READER, AGENT),
            rule("POST", "/api/v1/nodes/{node}/session", AGENT),
            rule("POST", "/api/v1/nodes/{node}/ledger", AGENT),
            rule("PUT", "/api/v1/nodes/{node}", CONTROLLER),
            rule("DELETE", "/api/v1/nodes/{node}", CONTROLLER),
            rule("PUT", "/api/v1/networks/{network}", CONTROLLER),
            rule("DELETE", "/api/v1/networks/{network}", CONTROLLER),
            rule("POST", "/api/v1/networks/{network}/preview", CONTROLLER, READER),
            rule("GET", "/api/v1/networks/**", CONTROLLER, READER),
            rule("GET", "/api/v1/nodes", CONTROLLER, READER),
            rule("GET", "/api/v1/quarantine", CONTROLLER, READER),
            rule("GET", "/api/v1/**", READER));

    private static final Rule DEFAULT_RULE = rule("*", "/**");

    private record Rule(String method, PathPattern path, boolean open, Set<Role> roles) {
        boolean matches(String requestMethod, PathContainer requestPath) {
            return method.equals(requestMethod) && path.matches(requestPath);
        }

        /// Value of a path variable; null if the rule has none of this name.
        @Nullable
        String variable(String name, PathContainer requestPath) {
            var match = path.matchAndExtract(requestPath);
            return match == null ? null : match.getUriVariables().get(name);
        }

        String rolesByName() {
            return roles.stream().map(AccessRules::nameOf).sorted().collect(Collectors.joining(", "));
        }
    }

    private AccessRules() {}

    private static Rule open(String method, String path) {
        return new Rule(method, PathPatternParser.defaultInstance.parse(path), true, Set.of());
    }

    private static Rule rule(String method, String path, Role... roles) {
        var all = EnumSet.of(ADMIN, roles);
        return new Rule(method, PathPatternParser.defaultInstance.parse(path), false, all);
    }

    /// @param path of the request within the application
    /// @param caller empty without a token
    public static AccessDecision decide(String method, PathContainer path, Optional<Caller> caller) {
        String requestMethod = method.equals("HEAD") ? "GET" : method;
        Rule rule = RULES.stream()
                .filter(each -> each.matches(requestMethod, path))
                .findFirst()
                .orElse(DEFAULT_RULE);
        if (rule.open()) {
            return new AccessDecision.Granted();
        }
        return caller.map(known -> decide(rule, requestMethod, path, known))
                .orElseGet(AccessDecision.Unauthenticated::new);
    }

    private static AccessDecision decide(Rule rule, String method, PathContainer path, Caller caller) {
        if (caller.roles().isEmpty()) {
            return new AccessDecision.Denied(caller.subject() + " has no role here; to give it one, name it in one of"
                    + " multi-nic.ipam.security.roles.* of ipam-service");
        }
        var roles = EnumSet.copyOf(rule.roles());
        roles.retainAll(caller.roles());
        if (roles.isEmpty()) {
            return new AccessDecision.Denied("this " + method + " needs a token of role " + rule.rolesByName() + "; "
                    + caller.subject() + " has role "
                    + caller.roles().stream().map(AccessRules::nameOf).sorted().collect(Collectors.joining(", ")));
        }
        String node = rule.variable(NODE, path);
        if (node == null || !roles.equals(EnumSet.of(AGENT))) {
            return new AccessDecision.Granted();
        }
        return ownNode(caller, node);
    }

    private static AccessDecision ownNode(Caller caller, String node) {
        if (caller.node().isEmpty()) {
            return new AccessDecision.Denied(
                    "the token of " + caller.subject() + " names no node: claim kubernetes.io.node.name"
                            + " is missing; use the token that is projected into the agent's pod, by Kubernetes 1.30 or newer");
        }
        String own = caller.node().get();
        return own.equals(node)
                ? new AccessDecision.Granted()
                : new AccessDecision.Denied("the token of " + caller.subject() + " was given out on node " + own
                        + ", and speaks for no other node");
    }

    private static String nameOf(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }
}
