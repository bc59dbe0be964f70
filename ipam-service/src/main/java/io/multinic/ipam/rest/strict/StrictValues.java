package io.multinic.ipam.rest.strict;

import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/// Strict JSON values: each type has one form, which the documentation shows. Lenient forms are rejected, such as
/// `0x10` or `" 5"` for a number, `yes` for true, a number for a text or a time, or a duplicate key: they would let
/// two clients mean different things by the same request.
public final class StrictValues {
    private static final Instant EARLIEST = Instant.EPOCH;
    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    public static final String MOMENT = "a time from 1970 to 9999, such as 2026-11-24T08:00:00Z";

    private static final double MAX_EXACT = 1L << 53;

    private StrictValues() {}

    /// Parses a time in UTC: the `+` of an offset becomes a blank in a URL that is not encoded.
    public static @Nullable Instant moment(String text) {
        try {
            Instant moment = text.endsWith("Z") ? Instant.parse(text) : null;
            return moment == null || moment.isBefore(EARLIEST) || moment.isAfter(LATEST) ? null : moment;
        } catch (DateTimeException e) {
            return null;
        }
    }

    /// Reason why the database cannot store the text; null if it can.
    public static @Nullable String faultOf(String text) {
        if (text.indexOf('\0') >= 0) {
            return "has a NUL character";
        }
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            return "has half of a surrogate pair, which is no character";
        }
        return null;
    }

    public static void addTo(JsonMapper.Builder builder) {
        builder.annotationIntrospector(new RequiredFields())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .addModule(new SimpleModule("strict values")
                        .addDeserializer(String.class, new Text())
                        .addDeserializer(Instant.class, new Moment())
                        .addDeserializer(int.class, new Int())
                        .addDeserializer(Integer.class, new Int())
                        .addDeserializer(long.class, new WholeNumber())
                        .addDeserializer(Long.class, new WholeNumber()));
    }

    /// String that the database can store: PostgreSQL has no NUL, and half of a surrogate pair is no character.
    private static final class Text extends StdDeserializer<String> {
        Text() {
            super(String.class);
        }

        @Override
        public String deserialize(JsonParser parser, DeserializationContext context) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                return (String) context.handleUnexpectedToken(String.class, parser);
            }
            String text = parser.getString();
            String fault = faultOf(text);
            return fault == null ? text : (String) context.handleWeirdStringValue(String.class, shown(text), fault);
        }

        private static String shown(String text) {
            return text.length() <= 64 ? text : text.substring(0, 64);
        }
    }

    /// Time in ISO 8601, within the range that every part of the service can store.
    private static final class Moment extends StdDeserializer<Instant> {
        Moment() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser parser, DeserializationContext context) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                return (Instant) context.handleUnexpectedToken(Instant.class, parser);
            }
            String text = parser.getString();
            Instant moment = moment(text);
            return moment != null ? moment : (Instant) context.handleWeirdStringValue(Instant.class, text, MOMENT);
        }
    }

    /// Integer of 64 bits. `2.0` is accepted, as in JSON Schema; `2.5` and `"2"` are not.
    private static final class WholeNumber extends StdDeserializer<Long> {
        WholeNumber() {
            super(long.class);
        }

        @Override
        public Long deserialize(JsonParser parser, DeserializationContext context) {
            return number(parser, context, Long.class, Long.MIN_VALUE, Long.MAX_VALUE);
        }

        private static long number(
                JsonParser parser, DeserializationContext context, Class<?> type, long least, long most) {
            if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != NumberType.BIG_INTEGER) {
                long value = parser.getLongValue();
                if (value >= least && value <= most) {
                    return value;
                }
            }
            if (parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) {
                double value = parser.getDoubleValue();
                if (Math.rint(value) == value && Math.abs(value) < MAX_EXACT && value >= least && value <= most) {
                    return (long) value;
                }
            }
            return parser.currentToken().isNumeric()
                    ? (long) context.handleWeirdNumberValue(type, parser.getNumberValue(), "not whole")
                    : (long) context.handleUnexpectedToken(type, parser);
        }
    }

    /// Integer of 32 bits.
    private static final class Int extends StdDeserializer<Integer> {
        Int() {
            super(int.class);
        }

        @Override
        public Integer deserialize(JsonParser parser, DeserializationContext context) {
            return (int) WholeNumber.number(parser, context, Integer.class, Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
    }
}
