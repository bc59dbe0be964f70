package io.multinic.agent.address;

import static io.multinic.agent.address.AddressFixtures.NOON;
import static io.multinic.agent.address.AddressFixtures.REST;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Contract of every [BlockAddresses].
public abstract class BlockAddressesContract {
    protected static final Cidr BLOCK = Cidr.parse("10.0.0.16/29");
    protected static final PodRef POD = new PodRef("default", "worker-0", "uid-0");

    /// Calls the port on [#BLOCK].
    protected abstract <T> T ask(Function<BlockAddresses, T> question);

    /// Makes interface `net1-0` of [#POD] hold the address.
    protected abstract void hold(String address);

    /// Frees an address that is held.
    protected abstract void free(String address, Instant at);

    private boolean isHeld(String address) {
        return ask(block -> block.isHeld(IpAddress.parse(address)));
    }

    private Optional<String> holder(String address) {
        return ask(block -> block.holder(IpAddress.parse(address)));
    }

    private Optional<IpAddress> lastHeldBy(PodRef pod, String podInterface) {
        return ask(block -> block.lastHeldBy(pod, podInterface));
    }

    private Optional<String> lowestFree(String from) {
        return ask(block -> block.lowestFree(IpAddress.parse(from))).map(IpAddress::toString);
    }

    private Optional<String> leastRecentlyFreed(Instant now, String... unusable) {
        return ask(block -> block.leastRecentlyFreed(
                        now, REST, address -> !List.of(unusable).contains(address.toString())))
                .map(IpAddress::toString);
    }

    private void use(String address, Instant freedAt) {
        hold(address);
        free(address, freedAt);
    }

    @Test
    void heldAddressHasAHolder() {
        assertThat(isHeld("10.0.0.17")).isFalse();
        hold("10.0.0.17");
        assertThat(holder("10.0.0.17")).contains("default/worker-0");
        free("10.0.0.17", NOON);
        assertThat(isHeld("10.0.0.17")).isFalse();
    }

    @Test
    void lowestFreeAddressIsNeitherHeldNorFreed() {
        assertThat(lowestFree("10.0.0.16")).contains("10.0.0.16");
        hold("10.0.0.16");
        use("10.0.0.17", NOON);
        hold("10.0.0.19");
        assertThat(lowestFree("10.0.0.16")).contains("10.0.0.18");
        assertThat(lowestFree("10.0.0.16")).contains("10.0.0.18");
        assertThat(lowestFree("10.0.0.19")).contains("10.0.0.20");
        free("10.0.0.16", NOON);
        hold("10.0.0.18");
        assertThat(lowestFree("10.0.0.16")).contains("10.0.0.20");
        assertThat(lowestFree("10.0.0.17")).contains("10.0.0.20");
    }

    @Test
    void fullBlockHasNoLowestFreeAddress() {
        for (int i = 16; i < 24; i++) {
            hold("10.0.0." + i);
        }
        assertThat(lowestFree("10.0.0.16")).isEmpty();
        assertThat(lowestFree("10.0.0.23")).isEmpty();
        free("10.0.0.20", NOON);
        assertThat(lowestFree("10.0.0.16")).isEmpty();
    }

    @Test
    void addressFreedFirstOfThoseThatHaveRestedAndAreUsableIsNext() {
        use("10.0.0.20", NOON);
        use("10.0.0.18", NOON.plusSeconds(1));
        use("10.0.0.19", NOON.plusSeconds(2));
        assertThat(leastRecentlyFreed(NOON.plusSeconds(29))).isEmpty();
        assertThat(leastRecentlyFreed(NOON.plusSeconds(30))).contains("10.0.0.20");
        assertThat(leastRecentlyFreed(NOON.plusSeconds(60), "10.0.0.20")).contains("10.0.0.18");
        hold("10.0.0.20");
        assertThat(leastRecentlyFreed(NOON.plusSeconds(60))).contains("10.0.0.18");
        use("10.0.0.18", NOON.plusSeconds(40));
        assertThat(leastRecentlyFreed(NOON.plusSeconds(80))).contains("10.0.0.19");
    }

    @Test
    void addressFreedLongAfterNowHasRestedBecauseTheClockWasSetBack() {
        use("10.0.0.20", NOON.plusSeconds(3_600));
        assertThat(leastRecentlyFreed(NOON)).contains("10.0.0.20");
        assertThat(leastRecentlyFreed(NOON.plusSeconds(3_599))).isEmpty();
    }

    @Test
    void podInterfaceHadTheAddressThatItFreedLast() {
        assertThat(lastHeldBy(POD, "net1-0")).isEmpty();
        use("10.0.0.20", NOON);
        use("10.0.0.18", NOON);
        assertThat(lastHeldBy(POD, "net1-0")).contains(IpAddress.parse("10.0.0.18"));
        assertThat(lastHeldBy(POD, "net1-1")).isEmpty();
        assertThat(lastHeldBy(new PodRef("default", "worker-0", "uid-1"), "net1-0"))
                .isEmpty();
        assertThat(lastHeldBy(new PodRef("default", "worker-0", ""), "net1-0")).isEmpty();
    }

    @Test
    void useHasHeldAndFreedAddressesOfTheBlockOnly() {
        hold("10.0.0.17");
        use("10.0.0.18", NOON);
        hold("10.0.0.24");
        BlockUse use = ask(BlockAddresses::use);
        assertThat(use.held()).containsOnlyKeys(IpAddress.parse("10.0.0.17"));
        assertThat(use.resting()).containsExactly(new BlockUse.Rested(IpAddress.parse("10.0.0.18"), NOON));
    }
}
