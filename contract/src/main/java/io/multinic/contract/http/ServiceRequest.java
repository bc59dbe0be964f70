package io.multinic.contract.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One request to a service.
///
/// A path is a template such as `/api/v1/nodes/{node}?uid={uid}`: each `{…}` is replaced by the next variable,
/// percent-encoded.
///
/// @param path path and query, encoded
/// @param body value for the codec; null for none
/// @param hold how long the server may hold the request, on top of the client's answer timeout
public record ServiceRequest(
        Method method, String path, @Nullable Object body, Duration hold) {
    private static final Pattern VARIABLE = Pattern.compile("\\{[^}]*}");

    public enum Method {
        GET,
        PUT,
        DELETE,
        POST;

        /// True if sending the request twice has the effect of sending it once (RFC 9110, 9.2.2).
        boolean idempotent() {
            return this != POST;
        }
    }

    public static ServiceRequest get(String template, Object... variables) {
        return new ServiceRequest(Method.GET, expand(template, variables), null, Duration.ZERO);
    }

    public static ServiceRequest delete(String template, Object... variables) {
        return new ServiceRequest(Method.DELETE, expand(template, variables), null, Duration.ZERO);
    }

    public static ServiceRequest put(Object body, String template, Object... variables) {
        return new ServiceRequest(Method.PUT, expand(template, variables), body, Duration.ZERO);
    }

    public static ServiceRequest post(Object body, String template, Object... variables) {
        return new ServiceRequest(Method.POST, expand(template, variables), body, Duration.ZERO);
    }

    /// This request as a long poll.
    public ServiceRequest longPoll(Duration longest) {
        return new ServiceRequest(method, path, body, longest);
    }

    private static String expand(String template, Object... variables) {
        Matcher matcher = VARIABLE.matcher(template);
        var path = new StringBuilder();
        int used = 0;
        while (matcher.find()) {
            if (used == variables.length) {
                throw new IllegalArgumentException("too few variables for " + template);
            }
            matcher.appendReplacement(path, Matcher.quoteReplacement(encode(variables[used].toString())));
            used++;
        }
        if (used < variables.length) {
            throw new IllegalArgumentException("too many variables for " + template);
        }
        return matcher.appendTail(path).toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
