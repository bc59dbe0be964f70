package io.multinic.agent.kernel;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;

/// A call refused by the kernel: the operation, the error number, and the kernel's message if there is one.
public final class KernelException extends MultiNicException {
    private static final long serialVersionUID = 1L;

    /// The reason and the remedy where the kernel has no IPv6.
    public static final String NO_IPV6 = "IPv6 or its policy routing is switched off in this node's kernel; start the"
            + " node without ipv6.disable=1, or give the network IPv4 subnets only";

    /// The reason and the remedy where a link has no IPv6.
    public static final String NO_IPV6_ON_LINK = "a link needs an MTU of at least 1280 for IPv6";

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

    /// A change that needs IPv6, refused by a kernel in which IPv6 is switched off or missing.
    public static KernelException withoutIpv6(Change change, int errnoNumber) {
        return new KernelException(ErrorCode.KERNEL_LACKS_SUPPORT, change.description(), errnoNumber, NO_IPV6);
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
