package io.multinic.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.IpAddress;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AllocationTest {
    private static final IpAddress ADDRESS = IpAddress.parse("192.168.0.4");
    private static final PodRef POD = new PodRef("ns", "pod", "uid");
    private static final String LONG = "x".repeat(254);

    record Faulty(Allocation allocation, String fault) {
        @Override
        public String toString() {
            return fault;
        }
    }

    static Stream<Faulty> faulty() {
        return Stream.of(
                new Faulty(new Allocation("", ADDRESS, "eth1", POD, "c", "net1", "net1-0"), "network is empty"),
                new Faulty(new Allocation("net", ADDRESS, " ", POD, "c", "net1", "net1-0"), "nic is empty"),
                new Faulty(new Allocation("net", ADDRESS, "eth1", POD, "", "net1", "net1-0"), "containerId is empty"),
                new Faulty(new Allocation("net", ADDRESS, "eth1", POD, "c", "\u2003", "net1-0"), "ifName is empty"),
                new Faulty(new Allocation("net", ADDRESS, "eth1", POD, "c", "net1", ""), "podInterface is empty"),
                new Faulty(
                        new Allocation(LONG, ADDRESS, "eth1", POD, "c", "net1", "net1-0"),
                        "network has 254 characters; at most 253 are allowed"),
                new Faulty(
                        new Allocation("net", ADDRESS, "eth1", new PodRef(LONG, "", ""), "c", "net1", "net1-0"),
                        "pod.namespace has 254 characters; at most 253 are allowed"),
                new Faulty(
                        new Allocation("net", ADDRESS, "eth1", new PodRef("", LONG, ""), "c", "net1", "net1-0"),
                        "pod.name has 254 characters; at most 253 are allowed"),
                new Faulty(
                        new Allocation("net", ADDRESS, "eth1", new PodRef("", "", "a\0"), "c", "net1", "net1-0"),
                        "pod.uid has a NUL character"));
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void faultNamesTheField(Faulty faulty) {
        assertThat(faulty.allocation().fault()).contains(faulty.fault());
    }

    @Test
    void containerWithoutPodHasNoFault() {
        var byHand = new PodRef("", "", "");
        assertThat(new Allocation("net", ADDRESS, "eth1", byHand, "c", "net1", "net1-0").fault())
                .isEmpty();
        String longest = "x".repeat(Allocation.MAX_TEXT);
        assertThat(new Allocation(longest, ADDRESS, longest, POD, longest, longest, longest).fault())
                .isEmpty();
    }
}
