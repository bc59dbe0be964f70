package io.multinic.contract.wire;

import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.IpFamily;

/// Use of the addresses of one family: the number that pods can have, the number that they hold, and the number of
/// reserved addresses that no pod holds.
public record AddressUse(IpFamily family, AddressCount capacity, long held, AddressCount reserved) {}
