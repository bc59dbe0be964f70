package io.multinic.controller.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.RouteStatus;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.ErrorKind;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.controller.network.NetworkReading;
import io.multinic.controller.status.AttachmentReport;
import io.multinic.controller.status.Planning;
import io.multinic.controller.status.Planning.Cause;
import io.multinic.controller.status.Planning.Running;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkDecisionsTest {
    private static final NetworkDefinition DEFINITION =
            new NetworkDefinition("net", List.of(), List.of(), 2, 8, List.of(), true);
    private static final NetworkState STATE = new NetworkState(DEFINITION, 1, 7, List.of(), List.of());
    private static final Running EARLIER = new Running.Earlier(STATE);
    private static final NetworkReading PLANNED = new NetworkReading.Planned(DEFINITION, "{}");
    private static final NetworkReading DELEGATED = new NetworkReading.Delegated("{}");
    private static final NetworkReading INVALID = new NetworkReading.Refused("spec.ipam is missing");
    private static final AttachmentReport COMPLETE = AttachmentReport.COMPLETE;

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void failedPutIsRefusedIfTheRequestIsWrongAndElseUnavailable(ErrorCode code) {
        var planning = NetworkDecisions.putFailed(new MultiNicException(code, "why"), EARLIER);
        if (code.kind() == ErrorKind.CALLER || code.kind() == ErrorKind.CAPACITY) {
            assertThat(planning).isEqualTo(new Planning.Refused(Cause.RefusedByIpam, "why", EARLIER));
        } else {
            assertThat(planning).isEqualTo(new Planning.Unavailable("why"));
        }
    }

    @Test
    void plannedNetworkIsUnavailableIfItsPlanCannotBeRead() {
        assertThat(NetworkDecisions.requestFailed(PLANNED, error(ErrorCode.TRY_AGAIN_LATER)))
                .isEqualTo(new Planning.Unavailable("TRY_AGAIN_LATER"));
        assertThat(NetworkDecisions.requestFailed(PLANNED, error(ErrorCode.NOT_ALLOWED)))
                .isEqualTo(new Planning.Unavailable("NOT_ALLOWED"));
    }

    @Test
    void delegatedNetworkDoesNotNeedIpamUnlessItsEarlierPlanIsInUse() {
        assertThat(NetworkDecisions.requestFailed(DELEGATED, error(ErrorCode.TRY_AGAIN_LATER)))
                .isEqualTo(new Planning.Delegated());
        assertThat(NetworkDecisions.requestFailed(DELEGATED, error(ErrorCode.IN_USE)))
                .isEqualTo(new Planning.Refused(Cause.RefusedByIpam, "IN_USE", new Running.NotKnown()));
    }

    @Test
    void invalidSpecificationKeepsItsReasonIfIpamDoesNotAnswer() {
        assertThat(NetworkDecisions.requestFailed(INVALID, error(ErrorCode.TRY_AGAIN_LATER)))
                .isEqualTo(new Planning.Refused(Cause.InvalidSpec, "spec.ipam is missing", new Running.NotKnown()));
    }

    @ParameterizedTest
    @CsvSource({
        "True,  3, true",
        "True,  2, false",
        "False, 3, false",
        "Unknown, 3, false",
    })
    void specificationStaysInForceWithoutIpamIfThisGenerationWasAccepted(
            String condition, long observedGeneration, boolean inForce) {
        var status = status(RouteStatus.SUCCESS, condition, observedGeneration);
        assertThat(NetworkDecisions.inForce(new Planning.Unavailable("away"), status, 3))
                .isEqualTo(inForce);
    }

    @Test
    void specificationWithoutStatusIsNotInForceWithoutIpam() {
        assertThat(NetworkDecisions.inForce(new Planning.Unavailable("away"), null, 1))
                .isFalse();
    }

    @Test
    void acceptedAndDelegatedAreInForceAndRefusedIsNotWhateverTheStatus() {
        for (var status : new MultiNicNetworkStatus[] {null, status(RouteStatus.SUCCESS, "True", 3)}) {
            assertThat(NetworkDecisions.inForce(new Planning.Accepted(STATE), status, 3))
                    .isTrue();
            assertThat(NetworkDecisions.inForce(new Planning.Delegated(), status, 3))
                    .isTrue();
            assertThat(NetworkDecisions.inForce(new Planning.Refused(Cause.InvalidSpec, "no", EARLIER), status, 3))
                    .isFalse();
        }
    }

    record Next(
            String name, Planning planning, AttachmentReport attached, RouteStatus routes, NextReconciliation next) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Next> nextReconciliations() {
        var accepted = new Planning.Accepted(STATE);
        var blocked = new AttachmentReport(List.of("namespace ai has one that is not ours"));
        return List.of(
                new Next("all done", accepted, COMPLETE, RouteStatus.SUCCESS, NextReconciliation.RESYNC),
                new Next("no routes", accepted, COMPLETE, RouteStatus.NOT_APPLICABLE, NextReconciliation.RESYNC),
                new Next(
                        "delegated",
                        new Planning.Delegated(),
                        COMPLETE,
                        RouteStatus.NOT_APPLICABLE,
                        NextReconciliation.RESYNC),
                new Next(
                        "routes missing",
                        accepted,
                        COMPLETE,
                        RouteStatus.WAIT_FOR_ROUTES,
                        NextReconciliation.WAIT_FOR_HOSTS),
                new Next("routes failed", accepted, COMPLETE, RouteStatus.FAILED, NextReconciliation.WAIT_FOR_HOSTS),
                new Next("attachment blocked", accepted, blocked, RouteStatus.SUCCESS, NextReconciliation.RETRY),
                new Next(
                        "ipam-service away",
                        new Planning.Unavailable("x"),
                        COMPLETE,
                        RouteStatus.UNKNOWN,
                        NextReconciliation.RETRY),
                new Next(
                        "refused by ipam-service",
                        new Planning.Refused(Cause.RefusedByIpam, "x", EARLIER),
                        COMPLETE,
                        RouteStatus.SUCCESS,
                        NextReconciliation.RETRY),
                new Next(
                        "invalid, routes of the earlier present",
                        new Planning.Refused(Cause.InvalidSpec, "x", EARLIER),
                        COMPLETE,
                        RouteStatus.SUCCESS,
                        NextReconciliation.RESYNC),
                new Next(
                        "invalid, no earlier one",
                        new Planning.Refused(Cause.InvalidSpec, "x", new Running.Nothing()),
                        COMPLETE,
                        RouteStatus.UNKNOWN,
                        NextReconciliation.WAIT_FOR_HOSTS));
    }

    @ParameterizedTest
    @MethodSource("nextReconciliations")
    void nextReconciliationFollowsFromPlanAttachmentsAndRoutes(Next example) {
        assertThat(NetworkDecisions.next(example.planning(), example.attached(), status(example.routes(), "True", 1)))
                .isEqualTo(example.next());
    }

    @Test
    void outcomeTagsAreStable() {
        assertThat(List.of(
                        NetworkDecisions.outcome(new Planning.Accepted(STATE)),
                        NetworkDecisions.outcome(new Planning.Delegated()),
                        NetworkDecisions.outcome(new Planning.Refused(Cause.InvalidSpec, "x", EARLIER)),
                        NetworkDecisions.outcome(new Planning.Unavailable("x"))))
                .containsExactly("accepted", "delegated", "refused", "unavailable");
    }

    @Test
    void earlierPlanIsKnownOrProvenAbsent() {
        assertThat(Running.of(Optional.of(STATE))).isEqualTo(EARLIER);
        assertThat(Running.of(Optional.empty())).isEqualTo(new Running.Nothing());
    }

    private static MultiNicException error(ErrorCode code) {
        return new MultiNicException(code, code.name());
    }

    private static MultiNicNetworkStatus status(@Nullable RouteStatus routes, String accepted, long generation) {
        var condition = new ConditionBuilder()
                .withType("ConfigAccepted")
                .withStatus(accepted)
                .withObservedGeneration(generation)
                .build();
        return new MultiNicNetworkStatus(
                List.of(), null, null, routes, null, null, List.of(condition), generation, null);
    }
}
