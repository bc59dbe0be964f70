package io.multinic.controller.network;

import io.multinic.contract.wire.NetworkDefinition;
import java.util.Optional;

/// Result of reading a MultiNicNetwork's specification.
public sealed interface NetworkReading {
    /// The CNI configuration for the network's attachments; empty if the specification cannot be used.
    Optional<String> attachmentConfig();

    /// Addresses come from ipam-service.
    record Planned(NetworkDefinition definition, String config) implements NetworkReading {
        @Override
        public Optional<String> attachmentConfig() {
            return Optional.of(config);
        }
    }

    /// Addresses come from another IPAM plugin; ipam-service does not plan the network.
    record Delegated(String config) implements NetworkReading {
        @Override
        public Optional<String> attachmentConfig() {
            return Optional.of(config);
        }
    }

    /// The specification cannot be used; `reason` names the field, the value and the remedy.
    record Refused(String reason) implements NetworkReading {
        @Override
        public Optional<String> attachmentConfig() {
            return Optional.empty();
        }
    }
}
