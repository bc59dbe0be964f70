package io.multinic.contract.wire;

import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.IpFamily;

/// How far the addresses of one family are used: how many pods can have, how many they hold, and how many of those that
/// nobody holds are reserved.
public record AddressUse(IpFamily family, AddressCount capacity, long held, AddressCount reserved) {}
