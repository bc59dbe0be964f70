package io.multinic.ipam.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.server.PathContainer;

class AccessRulesTest {
    /// Operations and the callers they are allowed for: without token (`-`), controller, agent of node1, reader,
    /// admin.
    private static final String TABLE = """
            GET    /actuator/health                         - c a r A
            GET    /actuator/health/readiness               - c a r A
            POST   /actuator/health                         . . . . A
            GET    /actuator/prometheus                     . . . r A
            GET    /actuator                                . . . r A
            PUT    /api/v1/networks/net                     . c . . A
            DELETE /api/v1/networks/net                     . c . . A
            GET    /api/v1/networks                         . c . r A
            GET    /api/v1/networks/net                     . c . r A
            HEAD   /api/v1/networks/net                     . c . r A
            GET    /api/v1/networks/net/blocks              . c . r A
            GET    /api/v1/networks/net/reservations        . c . r A
            POST   /api/v1/networks/net/preview             . c . r A
            GET    /api/v1/networks/net/usage               . c . r A
            POST   /api/v1/networks/net/reservations        . . . . A
            DELETE /api/v1/networks/net/reservations/1      . . . . A
            PUT    /api/v1/nodes/node1                      . c . . A
            DELETE /api/v1/nodes/node1                      . c . . A
            GET    /api/v1/nodes                            . c . r A
            GET    /api/v1/nodes/node1                      . c a r A
            GET    /api/v1/nodes/node2                      . c . r A
            GET    /api/v1/nodes/node1/plan                 . . a r A
            GET    /api/v1/nodes/node2/plan                 . . . r A
            GET    /api/v1/nodes/node1/plan/changes         . . a r A
            GET    /api/v1/nodes/node2/plan/changes         . . . r A
            POST   /api/v1/nodes/node1/session              . . a . A
            POST   /api/v1/nodes/node2/session              . . . . A
            POST   /api/v1/nodes/node1/ledger               . . a . A
            POST   /api/v1/nodes/node2/ledger               . . . . A
            POST   /api/v1/nodes/node1/release              . . . . A
            GET    /api/v1/addresses/10.0.0.1               . . . r A
            GET    /api/v1/pods/default/a/addresses         . . . r A
            GET    /api/v1/audit                            . . . r A
            GET    /api/v1/conflicts                        . . . r A
            POST   /api/v1/networks/net/addresses/10.0.0.1/release . . . . A
            GET    /api/v1/audit/actions                    . . . r A
            GET    /api/v1/quarantine                       . c . r A
            POST   /api/v1/quarantine                       . . . . A
            DELETE /api/v1/quarantine                       . . . . A
            GET    /api/v1/openapi                          . . . r A
            GET    /api/v1/docs                             . . . r A
            GET    /                                        . . . . A
            GET    /error                                   . . . . A
            GET    /api/v2/networks                         . . . . A
            PATCH  /api/v1/networks/net                     . . . . A
            OPTIONS /api/v1/networks/net                    . . . . A
            TRACE  /api/v1/networks                         . . . . A
            """;

    private static final List<Role> COLUMNS = List.of(Role.CONTROLLER, Role.AGENT, Role.READER, Role.ADMIN);

    record Case(String method, String path, String who, Optional<Caller> caller, boolean allowed) {
        @Override
        public String toString() {
            return who + (allowed ? " may " : " may not ") + method + " " + path;
        }
    }

    private static Caller caller(Role role) {
        return new Caller(
                "sub", Set.of(role), role == Role.AGENT ? Optional.of("node1") : Optional.empty(), Optional.empty());
    }

    static List<Case> cases() {
        var cases = new ArrayList<Case>();
        TABLE.lines().forEach(line -> {
            String[] cells = line.split(" +", -1);
            cases.add(new Case(cells[0], cells[1], "nobody", Optional.empty(), cells[2].equals("-")));
            int column = 3;
            for (Role role : COLUMNS) {
                String cell = cells[column++];
                cases.add(new Case(cells[0], cells[1], role.name(), Optional.of(caller(role)), !cell.equals(".")));
            }
        });
        return cases;
    }

    private static AccessDecision decide(String method, String path, Optional<Caller> caller) {
        return AccessRules.decide(method, PathContainer.parsePath(path), caller);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void operationIsAllowedForTheRolesOfTheTable(Case one) {
        AccessDecision access = decide(one.method(), one.path(), one.caller());
        if (one.allowed()) {
            assertThat(access).isEqualTo(new AccessDecision.Granted());
        } else if (one.caller().isEmpty()) {
            assertThat(access).isEqualTo(new AccessDecision.Unauthenticated());
        } else {
            assertThat(access)
                    .isInstanceOfSatisfying(
                            AccessDecision.Denied.class,
                            denied -> assertThat(denied.reason()).contains("sub"));
        }
    }

    private static String denied(String method, String path, Caller caller) {
        return ((AccessDecision.Denied) decide(method, path, Optional.of(caller))).reason();
    }

    @Test
    void refusalNamesTheMissingRole() {
        assertThat(denied("PUT", "/api/v1/networks/net", caller(Role.READER)))
                .contains("needs a token of role admin, controller", "sub has role reader");
        assertThat(denied("GET", "/api/v1/audit", new Caller("sub", Set.of(), Optional.of("node1"), Optional.empty())))
                .contains("sub has no role", "multi-nic.ipam.security.roles");
        assertThat(denied("POST", "/api/v1/nodes/node2/ledger", caller(Role.AGENT)))
                .contains("given out on node node1");
        assertThat(denied(
                        "POST",
                        "/api/v1/nodes/node1/ledger",
                        new Caller("sub", Set.of(Role.AGENT), Optional.empty(), Optional.empty())))
                .contains("kubernetes.io.node.name");
    }

    @Test
    void agentWithReaderRoleWritesForItsNodeOnly() {
        var both = Optional.of(
                new Caller("sub", EnumSet.of(Role.AGENT, Role.READER), Optional.of("node1"), Optional.empty()));
        assertThat(decide("GET", "/api/v1/nodes/node2/plan", both)).isEqualTo(new AccessDecision.Granted());
        assertThat(decide("POST", "/api/v1/nodes/node2/ledger", both)).isInstanceOf(AccessDecision.Denied.class);
    }

    @Test
    void pathIsNeverInterpretedAsAnotherNodes() {
        var agent = Optional.of(caller(Role.AGENT));
        for (String path : Arrays.asList(
                "/api/v1/nodes/node1/../node2/ledger",
                "/api/v1/nodes/node2/ledger/",
                "/api/v1/nodes//ledger",
                "/api/v1/nodes/node1%2F..%2Fnode2/ledger",
                "/api/v1/nodes/node1;a=b%2Fnode2/ledger/x",
                "/API/v1/nodes/node1/ledger",
                "/api/v1/nodes/NODE1/ledger")) {
            assertThat(decide("POST", path, agent)).as(path).isInstanceOf(AccessDecision.Denied.class);
        }
    }
}
