package io.multinic.ipam.rest;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.ipam.store.UsageCursor;
import java.security.Principal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Checks of parameters; each failure is INVALID_REQUEST and names the parameter, the value and what is allowed.
final class Params {
    static final String DEFAULT_LIMIT = "100";

    private static final int MAX_LIMIT = 1_000;
    private static final int MAX_NAME = 253;
    private static final int MAX_TEXT = 1_000;
    private static final Pattern PODS = Pattern.compile("[a-z0-9][-a-z0-9.]*(/[a-z0-9][-a-z0-9.]*)?");

    private Params() {}

    static String requireName(String value, String parameter) {
        if (value.isBlank() || value.length() > MAX_NAME) {
            throw invalid(parameter + " has " + value.length() + " characters; give 1 to " + MAX_NAME);
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw invalid(parameter + " has a control character");
        }
        return value;
    }

    /// The subject of the token that the request came with; `anonymous` where none is asked for.
    static String caller(@Nullable Principal principal) {
        return principal == null ? "anonymous" : principal.getName();
    }

    /// Words for people.
    static String requireText(String value, String parameter) {
        if (value.isBlank() || value.length() > MAX_TEXT) {
            throw invalid(parameter + " has " + value.length() + " characters; give 1 to " + MAX_TEXT);
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw invalid(parameter + " has a control character");
        }
        return value;
    }

    /// A namespace, or `namespace/pod`.
    static String requirePods(String value, String parameter) {
        if (value.length() > 2 * MAX_NAME || !PODS.matcher(value).matches()) {
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

    static void requireAtMost(int max, int size, String field) {
        if (size > max) {
            throw invalid(field + " has " + size + " entries; at most " + max + " are allowed");
        }
    }

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

    /// Pages go downwards: without a cursor from the top.
    static long requireSequenceCursor(String cursor) {
        try {
            return cursor.isEmpty() ? Long.MAX_VALUE : Long.parseLong(cursor);
        } catch (NumberFormatException e) {
            throw foreignCursor(cursor);
        }
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

    static IpAddress requireAddress(String text, String parameter) {
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw invalid(parameter + ": " + e.getMessage());
        }
    }

    static Instant requireInstant(String text, String parameter) {
        try {
            Instant instant = Instant.parse(text);
            if (instant.isBefore(Instant.EPOCH) || instant.isAfter(Instant.parse("9999-12-31T00:00:00Z"))) {
                throw invalid(parameter + " is " + text + "; give a time from 1970 to 9999");
            }
            return instant;
        } catch (DateTimeParseException e) {
            throw invalid(parameter + " is '" + text + "'; give a time such as 2026-11-24T08:00:00Z");
        }
    }

    static @Nullable Instant optionalInstant(@Nullable String text, String parameter) {
        return text == null ? null : requireInstant(text, parameter);
    }

    private static MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_REQUEST, message);
    }
}
