package io.multinic.agent.cni;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Decodes header values by RFC 3986; a plus is not a space.
final class PercentEncoding {
    private PercentEncoding() {}

    /// @param name of the header, for the message
    /// @throws MultiNicException INVALID_ENVIRONMENT if a `%` is not followed by two hexadecimal digits
    static String decode(String name, String value) {
        var bytes = new ByteArrayOutputStream(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '%') {
                bytes.write(c);
                continue;
            }
            boolean complete = i + 2 < value.length();
            int high = complete ? Character.digit(value.charAt(i + 1), 16) : -1;
            int low = complete ? Character.digit(value.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw new MultiNicException(
                        ErrorCode.INVALID_ENVIRONMENT, "header " + name + " is not percent-encoded: " + value);
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
