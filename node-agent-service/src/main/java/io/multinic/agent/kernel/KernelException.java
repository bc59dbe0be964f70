package io.multinic.agent.kernel;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;

/// A call refused by the kernel: the operation, the error number, and the kernel's message if there is one.
public final class KernelException extends MultiNicException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    /// @param operation the operation with its object: `add address 10.0.0.1/24 to link 7`
    /// @param kernelText the kernel's extended acknowledgement, empty if there was none
    public KernelException(ErrorCode code, String operation, int errnoNumber, String kernelText) {
        super(code, message(operation, errnoNumber, kernelText));
        this.errno = Errno.of(errnoNumber);
    }

    public KernelException(String operation, int errnoNumber) {
        this(ErrorCode.KERNEL_REFUSED, operation, errnoNumber, "");
    }

    public Errno errno() {
        return errno;
    }

    private static String message(String operation, int errnoNumber, String kernelText) {
        Errno errno = Errno.of(errnoNumber);
        String name = errno == Errno.UNKNOWN ? "errno " + errnoNumber : errno.name();
        return "cannot " + operation + ": " + name + (kernelText.isEmpty() ? "" : " (" + kernelText + ")");
    }
}
