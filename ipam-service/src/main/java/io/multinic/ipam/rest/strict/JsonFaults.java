package io.multinic.ipam.rest.strict;

import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/// Error texts for malformed JSON, for the author of the request: without Jackson's class names and configuration
/// advice.
public final class JsonFaults {
    private static final int MAX_SHOWN = 64;

    private JsonFaults() {}

    public static String of(JacksonException fault) {
        String message = String.valueOf(fault.getOriginalMessage());
        return switch (fault) {
            case UnrecognizedPropertyException unknown ->
                "there is no field '" + shown(unknown.getPropertyName()) + "' here; there are "
                        + joined(unknown.getKnownPropertyIds());
            case InvalidFormatException format ->
                "'" + shown(format.getValue()) + "' "
                        + (format.getTargetType() == String.class
                                ? message.substring(message.indexOf("\": ") + 3)
                                : "is not one; give " + expected(format.getTargetType()));
            case MismatchedInputException mismatch
            when message.startsWith("Cannot ") -> "give " + expected(mismatch.getTargetType());
            default ->
                message.replaceFirst(" \\(but could if coercion was enabled.*", "")
                        .replaceFirst("required creator property ('.*') \\(index \\d+\\)", "property $1")
                        .replaceFirst(": enable `JsonReadFeature.*", "");
        };
    }

    private static String joined(@Nullable Collection<Object> fields) {
        return fields == null || fields.isEmpty()
                ? "none"
                : fields.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    }

    private static String shown(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }

    public static String expected(@Nullable Class<?> type) {
        if (type == null || type.isRecord()) {
            return "an object";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return switch (type.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "a whole number of at most " + (isLong(type) ? 64 : 32) + " bits";
            case "boolean", "Boolean" -> "true or false";
            case "Instant" -> StrictValues.MOMENT;
            default -> "a text";
        };
    }

    private static boolean isLong(Class<?> type) {
        return type == long.class || type == Long.class;
    }
}
