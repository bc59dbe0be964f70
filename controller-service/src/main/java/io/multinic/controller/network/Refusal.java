package io.multinic.controller.network;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;

/// Says why a specification cannot be used, always as field, finding, remedy.
final class Refusal {
    private Refusal() {}

    static MultiNicException of(String field, String finding, String remedy) {
        return new MultiNicException(ErrorCode.INVALID_NETWORK, field + " " + finding + "; " + remedy);
    }
}
