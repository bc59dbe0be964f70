package io.multinic.ipam.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.StatedBlock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineageTest {
    private static final DatabaseIncarnation PRESENT = new DatabaseIncarnation("db", "77", "00000002", 4);
    private static final String BEFORE = "db:77:00000001:3";
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private static Lineage lineage(boolean asLastSeen, @Nullable Instant since, @Nullable Instant ended) {
        return new Lineage(PRESENT, asLastSeen, List.of("handled"), since, ended, "");
    }

    private static final Lineage CALM = lineage(true, null, null);
    private static final Lineage QUARANTINED = lineage(true, NOON, null);
    private static final Lineage ENDED = lineage(true, NOON, NOON);
    private static final Lineage UNNOTICED = lineage(false, null, null);

    private static PlanStatement statement(String history, long revision) {
        var block = new StatedBlock(
                "net",
                0,
                "eth1",
                Cidr.parse("10.0.1.0/24"),
                0,
                0,
                Cidr.parse("192.168.0.0/18"),
                Cidr.parse("192.168.0.0/24"));
        return new PlanStatement(history, revision, List.of(block));
    }

    @Test
    void textFormIsParsedBack() {
        assertThat(DatabaseIncarnation.parse(PRESENT.toString())).contains(PRESENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "db", "db:00000001", "db:77:00000001:", "db:77:00000001:x", "db:77:1:2:3", "a:b:c:-1"})
    void malformedTextIsNotParsed(String text) {
        assertThat(DatabaseIncarnation.parse(text)).isEmpty();
    }

    @Test
    void quarantineLastsFromChangeOfIncarnationToItsEnd() {
        assertThat(UNNOTICED.quarantined()).isTrue();
        assertThat(QUARANTINED.quarantined()).isTrue();
        assertThat(CALM.quarantined()).isFalse();
        assertThat(ENDED.quarantined()).isFalse();
    }

    @Test
    void everyNodeNeedsOneSessionDuringQuarantine() {
        for (String known : List.of("", BEFORE, PRESENT.toString())) {
            assertThat(QUARANTINED.needsSession(known, 5, 3, 9)).as(known).isTrue();
            assertThat(QUARANTINED.needsSession(known, 5, 4, 9)).as(known).isFalse();
        }
    }

    @Test
    void unnoticedChangeRequiresSessionOfEveryNode() {
        assertThat(UNNOTICED.needsSession(PRESENT.toString(), 5, 4, 9)).isTrue();
    }

    @Test
    void onlyNodesOfAnotherIncarnationNeedSessionOutsideQuarantine() {
        for (Lineage calm : List.of(CALM, ENDED)) {
            assertThat(calm.needsSession(PRESENT.toString(), 5, 0, 9)).isFalse();
            assertThat(calm.needsSession("", 5, 0, 9)).isFalse();
            assertThat(calm.needsSession("of an earlier format", 5, 0, 9)).isFalse();
            assertThat(calm.needsSession(BEFORE, 5, 0, 9)).isTrue();
            assertThat(calm.needsSession(BEFORE, 5, 4, 9)).isFalse();
        }
    }

    @Test
    void revisionAheadOfTheDatabaseAlwaysRequiresSession() {
        for (Lineage any : List.of(CALM, QUARANTINED, ENDED)) {
            assertThat(any.needsSession(PRESENT.toString(), 10, 4, 9)).isTrue();
            assertThat(any.needsSession(PRESENT.toString(), 9, 4, 9)).isFalse();
        }
    }

    @Test
    void nodeWithPlanOfFormerIncarnationKeepsItDuringQuarantine() {
        assertThat(QUARANTINED.keepsPlan(BEFORE)).isTrue();
        assertThat(QUARANTINED.keepsPlan(PRESENT.toString())).isFalse();
        assertThat(QUARANTINED.keepsPlan("")).isFalse();
        assertThat(CALM.keepsPlan(BEFORE)).isFalse();
        assertThat(ENDED.keepsPlan(BEFORE)).isFalse();
    }

    @Test
    void planOfThisIncarnationIsIncludedUpToItsRevision() {
        assertThat(CALM.includes(statement(PRESENT.toString(), 9), 9)).isTrue();
        assertThat(CALM.includes(statement(PRESENT.toString(), 10), 9)).isFalse();
        assertThat(CALM.includes(statement(BEFORE, 5), 9)).isFalse();
        assertThat(UNNOTICED.includes(statement(PRESENT.toString(), 9), 9)).isFalse();
    }

    @Test
    void revisionAheadOfTheDatabaseIsEvidenceOfLoss() {
        assertThat(CALM.evidence("node1", statement(PRESENT.toString(), 10), 9)).hasValueSatisfying(evidence -> {
            assertThat(evidence.reason()).contains("node1", "revision 10", "9 at most");
            assertThat(evidence.predecessor()).isEmpty();
        });
        assertThat(CALM.evidence("node1", statement(PRESENT.toString(), 9), 9)).isEmpty();
    }

    @Test
    void blocksOfAnotherDatabaseAreEvidenceOfLoss() {
        assertThat(CALM.evidence("node1", statement("lost:5:00000001:1", 10), 900))
                .hasValueSatisfying(
                        evidence -> assertThat(evidence.predecessor()).contains("lost"));
        assertThat(CALM.evidence("node1", statement("handled:5:00000001:1", 10), 9))
                .isEmpty();
        assertThat(CALM.evidence("node1", statement(BEFORE, 10), 9)).isEmpty();
        assertThat(CALM.evidence("node1", statement("", 10), 9)).isEmpty();
        assertThat(CALM.evidence("node1", new PlanStatement("lost:5:00000001:1", 10, List.of()), 9))
                .as("a statement without blocks is no evidence")
                .isEmpty();
    }
}
