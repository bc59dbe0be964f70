package io.multinic.controller.network;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;

/// Builds the exception for a specification that cannot be used: field, finding, remedy.
final class Refusal {
    private Refusal() {}

    static MultiNicException of(String field, String finding, String remedy) {
        return new MultiNicException(ErrorCode.INVALID_NETWORK, field + " " + finding + "; " + remedy);
    }
}
