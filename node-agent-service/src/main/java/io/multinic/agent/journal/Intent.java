package io.multinic.agent.journal;

import io.multinic.agent.address.Decision;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.PodRef;

/// Intent to attach a pod to a network, recorded before the kernel is changed.
///
/// @param fingerprint of the request; equal for a repeated request with the same key
/// @param detail everything that is needed to undo the attachment; opaque to the store
public record Intent(
        AttachmentKey key, String network, Sandbox sandbox, PodRef pod, String fingerprint, String detail) {
    /// The allocation of a granted address, as the ledger stores it.
    ///
    /// @throws MultiNicException INVALID_NETWORK_CONFIG if the ledger would reject it
    Allocation allocation(Decision.Grant grant) {
        var allocation = new Allocation(
                network,
                grant.address(),
                grant.block().nic(),
                pod,
                key.containerId(),
                key.ifName(),
                grant.podInterface());
        allocation.fault().ifPresent(fault -> {
            throw new MultiNicException(
                    ErrorCode.INVALID_NETWORK_CONFIG,
                    "attachment " + key + " could not be told to the ledger: " + fault);
        });
        return allocation;
    }
}
