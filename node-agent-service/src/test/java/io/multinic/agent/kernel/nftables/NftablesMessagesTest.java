package io.multinic.agent.kernel.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.nftables.ForwardChain.Accepts;
import io.multinic.agent.kernel.nftables.ForwardChain.ForwardRule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class NftablesMessagesTest {
    /// The expressions that nft 1.0.6 sends for `iifname "mnv*" counter accept`, on a little-endian machine.
    private static final String EXPRESSIONS = """
            24000180090001006d657461000000001400028008000200000000060800010000000001\
            2c00018008000100636d700020000280080001000000000108000200000000000c000380\
            070001006d6e7600140001800c000100636f756e7465720004000280300001800e000100\
            696d6d6564696174650000001c0002800800010000000000100002800c00028008000100\
            00000001\
            """;

    private static final ForwardChain CHAIN = new ForwardChain(2, "filter", "FORWARD", true, List.of());

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    @Test
    void ruleIsEncodedAsByNft() {
        byte[] batch = NftablesWriter.insert(1, CHAIN, Accepts.FROM_PREFIX, "mnv");
        assertThat(HexFormat.of().formatHex(batch)).contains(EXPRESSIONS.strip());
        assertThat(NftablesReader.messages(little(batch)))
                .extracting(NftablesReader.Message::sequence)
                .containsExactly(0, 1, 0);
    }

    @Test
    void ownRulesAreRecognised() {
        for (Accepts accepts : List.of(Accepts.FROM_PREFIX, Accepts.TO_PREFIX)) {
            var rule = NftablesReader.messages(little(NftablesWriter.insert(1, CHAIN, accepts, "mnv")))
                    .get(1);
            assertThat(NftablesReader.isRule(rule)).isTrue();
            assertThat(NftablesReader.rule(rule.body(), "mnv")).isEqualTo(new ForwardRule(0, accepts, false));
            assertThat(NftablesReader.rule(rule.body(), "eth")).isEqualTo(new ForwardRule(0, Accepts.NONE, false));
        }
    }

    @Test
    void malformedBodyIsARuleWithoutEffect() {
        assertThat(NftablesReader.rule(little(new byte[] {2, 0, 0, 0, 9, 0, 4, 0}), "mnv"))
                .isEqualTo(new ForwardRule(0, Accepts.NONE, false));
        assertThat(NftablesReader.chain(little(new byte[] {2, 0, 0, 0}))).isEmpty();
    }

    @Test
    void chainDropsByPolicyOrByARuleForEveryPacket() {
        var reject = new ForwardRule(7, Accepts.NONE, true);
        assertThat(CHAIN.dropsByDefault()).isTrue();
        assertThat(new ForwardChain(1, "f", "forward", false, List.of(reject)).dropsByDefault())
                .isTrue();
        assertThat(new ForwardChain(1, "f", "forward", false, List.of()).dropsByDefault())
                .isFalse();
        assertThat(CHAIN).hasToString("chain FORWARD of table ip filter");
    }
}
