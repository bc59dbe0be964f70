package io.multinic.ipam.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.MimeTypeUtils;

/// Format of a list: a page of JSON, or all rows as CSV or NDJSON.
enum RowFormat {
    JSON("json", MediaType.APPLICATION_JSON_VALUE),
    CSV("csv", RowFormat.TEXT_CSV),
    NDJSON("ndjson", MediaType.APPLICATION_NDJSON_VALUE);

    static final String TEXT_CSV = "text/csv";

    private final String parameter;
    private final String type;

    RowFormat(String parameter, String type) {
        this.parameter = parameter;
        this.type = type;
    }

    String parameter() {
        return parameter;
    }

    MediaType type() {
        return MediaType.valueOf(type);
    }

    /// Format from the parameter `format`, else from `Accept`, else JSON.
    static RowFormat requested(@Nullable String format, HttpServletRequest request) {
        if (format != null) {
            return Arrays.stream(values())
                    .filter(each -> each.parameter.equals(format))
                    .findFirst()
                    .orElseThrow(() -> Params.invalid("format is '" + format + "'; give one of " + Params.FORMATS));
        }
        for (MediaType accepted : accepted(request.getHeader(HttpHeaders.ACCEPT))) {
            for (RowFormat each : values()) {
                if (accepted.includes(each.type())) {
                    return each;
                }
            }
        }
        return JSON;
    }

    /// Media types of `Accept`, the preferred one first; empty if it is malformed, which Spring reports.
    private static List<MediaType> accepted(@Nullable String header) {
        try {
            List<MediaType> accepted = MediaType.parseMediaTypes(header);
            MimeTypeUtils.sortBySpecificity(accepted);
            return accepted.stream()
                    .sorted((one, other) -> Double.compare(other.getQualityValue(), one.getQualityValue()))
                    .toList();
        } catch (InvalidMediaTypeException e) {
            return List.of();
        }
    }
}
