package io.multinic.agent.address;

import io.multinic.contract.address.IpAddress;
import java.time.Instant;
import java.util.function.Function;

class InMemoryAddressesTest extends BlockAddressesContract {
    private final InMemoryAddresses addresses = new InMemoryAddresses();

    @Override
    protected <T> T ask(Function<BlockAddresses, T> question) {
        return question.apply(addresses.of(BLOCK));
    }

    @Override
    protected void hold(String address) {
        addresses.hold(IpAddress.parse(address), "default/worker-0");
    }

    @Override
    protected void free(String address, Instant at) {
        addresses.free(new InMemoryAddresses.Freed(IpAddress.parse(address), at, POD, "net1-0"));
    }
}
