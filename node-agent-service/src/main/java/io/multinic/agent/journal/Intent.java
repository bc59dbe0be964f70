package io.multinic.agent.journal;

import io.multinic.agent.address.Decision;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.PodRef;

/// What is about to be attached: on disk before the kernel is touched.
///
/// @param fingerprint tells whether another request for the same key asks for the same
/// @param detail what is needed to undo the attachment without asking anybody; the store does not look into it
public record Intent(
        AttachmentKey key, String network, Sandbox sandbox, PodRef pod, String fingerprint, String detail) {
    /// What the ledger is told of an address of it.
    ///
    /// @throws MultiNicException INVALID_NETWORK_CONFIG if the ledger would not take it
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
