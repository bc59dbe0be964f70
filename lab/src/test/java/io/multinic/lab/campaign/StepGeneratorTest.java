package io.multinic.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.campaign.CampaignStep.Kind;
import io.multinic.lab.campaign.CampaignStep.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepGeneratorTest {
    private static final int MANY = 2000;

    private static List<CampaignStep> steps(long seed, int count) {
        var generator = new StepGenerator(seed, Kind.all(), List.of("node1", "node2"), List.of("a", "b", "c"));
        var steps =
                new ArrayList<>(Stream.generate(generator::next).limit(count).toList());
        steps.addAll(generator.ends());
        return steps;
    }

    @Test
    void sameSeedGivesTheSameSteps() {
        assertThat(steps(7, MANY)).isEqualTo(steps(7, MANY)).isNotEqualTo(steps(8, MANY));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyKindOccursInTwiceTheDeck(long seed) {
        assertThat(steps(seed, 2 * StepGenerator.deckSize(Kind.all())).stream()
                        .map(CampaignStep::kind)
                        .collect(Collectors.toSet()))
                .isEqualTo(Kind.all());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyFaultEndsBeforeThePartHasAnother(long seed) {
        Map<String, CampaignStep> lasting = new HashMap<>();
        for (CampaignStep step : steps(seed, MANY)) {
            lasting.entrySet().stream()
                    .filter(fault -> fault.getValue().kind().end() == step.kind()
                            && fault.getValue().node().equals(step.node()))
                    .map(Map.Entry::getKey)
                    .toList()
                    .forEach(lasting::remove);
            if (step.kind().lasts()) {
                assertThat(lasting.put(step.kind().part() + step.node(), step))
                        .as(step.toString())
                        .isNull();
            } else if (step.kind() == Kind.CRASH_NODE) {
                assertThat(lasting).as(step.toString()).doesNotContainKey(Part.NODE + step.node());
            }
        }
        assertThat(lasting).isEmpty();
    }
}
