package io.multinic.ipam.store;

import io.multinic.contract.wire.NetworkDefinition;
import org.jspecify.annotations.Nullable;

/// A stored network; without definition and number it does not exist now.
public record NetworkRecord(
        int id,
        String name,
        @Nullable Integer number,
        @Nullable NetworkDefinition definition,
        long revision) {}
