package io.multinic.lab.pod;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CniAnswerTest {
    @Test
    void interfacesOfThePodComeWithTheirOwnAddresses() {
        var answer = new CniAnswer(0, """
            {"cniVersion":"1.0.0",
             "interfaces":[{"name":"veth1"},
                           {"name":"net1-0","mac":"02:00:00:00:00:01","sandbox":"/run/netns/p"},
                           {"name":"net1-1","mac":"02:00:00:00:00:02","sandbox":"/run/netns/p"}],
             "ips":[{"address":"192.168.64.1/18","interface":2},{"address":"192.168.0.1/18","interface":1}]}
            """);
        assertThat(answer.interfaces())
                .extracting(nic -> nic.name() + " " + nic.addresses())
                .containsExactly("net1-0 [192.168.0.1/18]", "net1-1 [192.168.64.1/18]");
    }

    @Test
    void errorHasItsCodeAndBothTexts() {
        var answer = new CniAnswer(
                1, "{\"cniVersion\":\"1.0.0\",\"code\":101,\"msg\":\"no eth9\",\"details\":\"has eth1\"}");
        assertThat(answer.code()).isEqualTo(101);
        assertThat(answer.message()).isEqualTo("no eth9 has eth1");
    }
}
