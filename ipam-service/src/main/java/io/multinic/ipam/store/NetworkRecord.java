package io.multinic.ipam.store;

import io.multinic.contract.wire.NetworkDefinition;
import org.jspecify.annotations.Nullable;

/// Stored network. Without definition and number it was removed; the row stays for the ledger.
public record NetworkRecord(
        int id,
        String name,
        @Nullable Integer number,
        @Nullable NetworkDefinition definition,
        long revision) {}
