package io.multinic.lab.campaign;

import io.multinic.lab.campaign.CampaignStep.Kind;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Seeded campaigns on a lab of their own: `make test` runs the steps of one seed, `make campaign` more of both.
class CampaignIT {
    private static final int STEPS = Integer.getInteger("campaign.steps", 300);

    @SuppressWarnings("NullAway.Init")
    private static CampaignLab lab;

    static LongStream seeds() {
        return Arrays.stream(System.getProperty("campaign.seeds", "1").strip().split("[, ]+"))
                .mapToLong(Long::parseLong);
    }

    @BeforeAll
    static void startLab() {
        lab = CampaignLab.start();
    }

    @AfterAll
    static void endLab() {
        lab.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noAddressIsHeldTwiceNoneIsLeakedAndPodsAreReachableOrReported(long seed) {
        new Campaign(lab, seed, STEPS, Kind.all()).run();
    }
}
