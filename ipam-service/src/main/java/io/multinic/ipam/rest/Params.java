package io.multinic.ipam.rest;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.StatedBlock;
import io.multinic.ipam.recovery.NetworkNumbers;
import io.multinic.ipam.rest.strict.StrictValues;
import io.multinic.ipam.store.usage.UsageCursor;
import java.security.Principal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Checks of parameters. Each failure is INVALID_REQUEST and names the parameter, the value and the allowed values.
public final class Params {
    static final String DEFAULT_LIMIT = "100";

    /// Names of Kubernetes objects and similar ids, which fit into a path unescaped.
    public static final String NAME = "[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?";

    /// A namespace, or `namespace/pod`.
    public static final String PODS = "[a-z0-9][-a-z0-9.]*(/[a-z0-9][-a-z0-9.]*)?";

    /// Formats of audit lists.
    public static final List<String> FORMATS =
            Arrays.stream(RowFormat.values()).map(RowFormat::parameter).toList();

    public static final int MAX_NAME = 253;
    public static final int MAX_TEXT = 1_000;
    public static final int MAX_LIMIT = 1_000;
    public static final int MAX_WAIT_SECONDS = 60;
    public static final int MAX_BITS = 128;
    public static final int MAX_MASTER_NETS = 1_024;
    public static final int MAX_EXCLUDES = 10_000;
    public static final int MAX_NICS = 256;
    public static final int MAX_ADDRESSES = 256;
    public static final int MAX_LIVE = 100_000;
    public static final int MAX_PROOFS = 16;
    public static final int MAX_STATED = 100_000;
    public static final int MAX_NUMBER = NetworkNumbers.LIMIT - 1;

    private static final Pattern SEQUENCE = Pattern.compile("\\d{0,18}");
    private static final Pattern HISTORY = Pattern.compile("[!-~]{0,253}");
    private static final Pattern NAMES = Pattern.compile(NAME);
    private static final Pattern POD_NAMES = Pattern.compile(PODS);

    private Params() {}

    static String requireName(String value, String parameter) {
        requireLabel(value, parameter);
        if (!NAMES.matcher(value).matches()) {
            throw invalid(parameter + " is '" + value + "'; give letters, digits and, between them, . _ : -");
        }
        return value;
    }

    /// Name of a device or of a caller.
    static String requireLabel(String value, String parameter) {
        return requireText(value, parameter, MAX_NAME);
    }

    /// Free text.
    static String requireText(String value, String parameter) {
        return requireText(value, parameter, MAX_TEXT);
    }

    private static String requireText(String value, String parameter, int max) {
        int length = value.codePointCount(0, value.length());
        if (value.isBlank() || length > max) {
            throw invalid(parameter + " has " + length + " characters; give 1 to " + max + ", not only blanks");
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw invalid(parameter + " has a control character");
        }
        String fault = StrictValues.faultOf(value);
        if (fault != null) {
            throw invalid(parameter + " " + fault);
        }
        return value;
    }

    /// Subject of the request's token; `anonymous` if no token is required.
    static String caller(@Nullable Principal principal) {
        return principal == null ? "anonymous" : principal.getName();
    }

    /// A namespace, or `namespace/pod`.
    static String requirePods(String value, String parameter) {
        if (value.length() > 2 * MAX_NAME || !POD_NAMES.matcher(value).matches()) {
            throw invalid(parameter + " is '" + value + "'; give a namespace, or namespace/pod");
        }
        return value;
    }

    static @Nullable String optionalName(@Nullable String value, String parameter) {
        return value == null ? null : requireName(value, parameter);
    }

    static int requireLimit(int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw invalid("limit is " + limit + "; give 1 to " + MAX_LIMIT);
        }
        return limit;
    }

    static void requireBits(int bits, String field) {
        if (bits < 0 || bits > MAX_BITS) {
            throw invalid(field + " is " + bits + "; give 0 to " + MAX_BITS + " bits");
        }
    }

    static void requireAtMost(int max, int size, String field) {
        if (size > max) {
            throw invalid(field + " has " + size + " entries; at most " + max + " are allowed");
        }
    }

    /// Cursor of the previous page; empty for the first one.
    static String requireCidrCursor(String cursor) {
        try {
            return cursor.isEmpty() ? "" : Cidr.parse(cursor).toString();
        } catch (IllegalArgumentException e) {
            throw foreignCursor(cursor);
        }
    }

    /// @return null for the first page
    static @Nullable UsageCursor requireUsageCursor(String cursor) {
        try {
            return cursor.isEmpty() ? null : UsageCursor.parse(cursor);
        } catch (IllegalArgumentException e) {
            throw foreignCursor(cursor);
        }
    }

    /// Cursor of descending pages; empty for the first one.
    static long requireSequenceCursor(String cursor) {
        if (!SEQUENCE.matcher(cursor).matches()) {
            throw foreignCursor(cursor);
        }
        return cursor.isEmpty() ? Long.MAX_VALUE : Long.parseLong(cursor);
    }

    private static MultiNicException foreignCursor(String cursor) {
        return invalid("cursor '" + cursor + "' is not one that was given out; use `next` of the page before");
    }

    static String requireAddressCursor(String cursor) {
        try {
            return cursor.isEmpty() ? "" : IpAddress.parse(cursor).toString();
        } catch (IllegalArgumentException e) {
            throw foreignCursor(cursor);
        }
    }

    static void requireStatement(PlanStatement plan) {
        requireHistory(plan.history());
        if (plan.revision() < 0) {
            throw invalid("plan.revision is " + plan.revision() + "; give 0, or that of the plan");
        }
        requireAtMost(MAX_STATED, plan.blocks().size(), "plan.blocks");
        for (StatedBlock block : plan.blocks()) {
            requireName(block.network(), "plan.blocks.network");
            requireLabel(block.nic(), "plan.blocks.nic");
            if (block.number() > MAX_NUMBER) {
                throw invalid("plan.blocks.number is " + block.number() + "; give 0 to " + MAX_NUMBER);
            }
        }
    }

    static int requireWait(int seconds) {
        if (seconds < 0 || seconds > MAX_WAIT_SECONDS) {
            throw invalid("wait is " + seconds + "; give 0 to " + MAX_WAIT_SECONDS + " seconds");
        }
        return seconds;
    }

    static long requireRevision(long after) {
        if (after < 0) {
            throw invalid("after is " + after + "; give 0, or the revision of the last answer");
        }
        return after;
    }

    static String requireHistory(String history) {
        if (!HISTORY.matcher(history).matches()) {
            throw invalid("history is not one that was given out; use that of the last answer, or leave it out");
        }
        return history;
    }

    static IpAddress requireAddress(String text, String parameter) {
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw invalid(parameter + ": " + e.getMessage());
        }
    }

    static Instant requireInstant(String text, String parameter) {
        Instant moment = StrictValues.moment(text);
        if (moment == null) {
            throw invalid(parameter + " is '" + text + "'; give " + StrictValues.MOMENT);
        }
        return moment;
    }

    static @Nullable Instant optionalInstant(@Nullable String text, String parameter) {
        return text == null ? null : requireInstant(text, parameter);
    }

    static MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_REQUEST, message);
    }
}
