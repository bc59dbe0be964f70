package io.multinic.controller.network;

import io.multinic.contract.wire.NetworkDefinition;

/// What a MultiNicNetwork's specification comes to.
public sealed interface NetworkReading {
    /// Addresses come from ipam-service.
    record Planned(NetworkDefinition definition, String attachmentConfig) implements NetworkReading {}

    /// Addresses come from another IPAM plugin; ipam-service has no part in it.
    record Delegated(String attachmentConfig) implements NetworkReading {}

    /// Cannot be used; `reason` names the field, the value and the remedy.
    record Refused(String reason) implements NetworkReading {}
}
