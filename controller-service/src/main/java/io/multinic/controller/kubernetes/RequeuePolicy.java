package io.multinic.controller.kubernetes;

import java.time.Duration;

/// When objects are looked at again although no event came: from `first`, doubling to `longest`, after a failure; after
/// `waiting` while hosts are at work (their reports bring the next look, this is for one that got lost); after `resync`
/// when all is well.
public record RetryPolicy(Duration first, Duration longest, Duration waiting, Duration resync) {}
