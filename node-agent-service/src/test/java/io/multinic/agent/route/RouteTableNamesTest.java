package io.multinic.agent.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.route.plan.HostRoutesPlan;
import io.multinic.agent.route.plan.RouteFixtures;
import io.multinic.contract.wire.NetworkPlan;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RouteTableNamesTest {
    private static String content(String... networks) {
        NetworkPlan[] plans = Stream.of(networks)
                .map(name -> RouteFixtures.sample(name, 0, "192.168.0.0/16", 2))
                .toArray(NetworkPlan[]::new);
        return RouteTableNames.content(HostRoutesPlan.wanted(RouteFixtures.of(1, plans), RouteFixtures.localNics()));
    }

    @Test
    void tableHasTheNameOfItsNetwork() {
        assertThat(content("rail-a", "main-2", "1x", "0xyz"))
                .contains("13900\trail-a\n", "13900\tmain-2\n", "13900\t1x\n", "13900\t0xyz\n");
    }

    @Test
    void namesWithAMeaningForIprouteAreOmitted() {
        String[] reserved = {
            "main", "local", "default", "unspec", "all", "cache", "0", "254", "010", "0x10", "4294967295"
        };
        assertThat(content(reserved)).isEqualTo(content());
    }
}
