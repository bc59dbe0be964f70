package io.multinic.agent.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The kernel's rules for names of links (`dev_valid_name`): 1 to 15 bytes, which are UTF-8 here, without '/', ':' and
/// white space, and neither "." nor "..".
///
/// Two more kinds are refused: names with '%', which the kernel takes as a pattern, and those with control characters,
/// which would break the lines of logs and listings.
public final class LinkName {
    /// IFNAMSIZ without its final zero.
    public static final int MAX_BYTES = 15;

    /// A no-break space in Latin-1. The kernel treats this byte as white space, also as a part of a UTF-8 character.
    private static final byte NO_BREAK_SPACE = (byte) 0xa0;

    private LinkName() {}

    /// The rule that a name breaks; empty if the name is valid.
    public static Optional<String> fault(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0) {
            return Optional.of("it is empty");
        }
        if (bytes.length > MAX_BYTES) {
            return Optional.of("it has " + bytes.length + " bytes, Linux allows " + MAX_BYTES);
        }
        if (name.equals(".") || name.equals("..")) {
            return Optional.of("'.' and '..' are directories");
        }
        for (byte octet : bytes) {
            if ((octet >= 0 && octet <= ' ') || octet == 0x7f || octet == NO_BREAK_SPACE) {
                return Optional.of("it contains white space, a control character or the byte 0xa0");
            }
            if (octet == '/' || octet == ':' || octet == '%') {
                return Optional.of("it contains '" + (char) octet + "'");
            }
        }
        return Optional.empty();
    }

    /// @throws IllegalArgumentException with the fault
    static void require(String name) {
        fault(name).ifPresent(fault -> {
            throw new IllegalArgumentException("'" + name + "' cannot be the name of a link: " + fault);
        });
    }
}
