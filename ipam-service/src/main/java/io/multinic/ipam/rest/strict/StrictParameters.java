package io.multinic.ipam.rest.strict;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/// Interceptor that rejects parameters which are unknown, repeated, or not in the form of their type. An unknown one,
/// such as a misspelt filter, would silently change the meaning of the request; lenient forms of Spring, such as
/// `0x10`, `" 5"` or `yes`, would let two clients mean different things by the same request.
public final class StrictParameters implements HandlerInterceptor {
    /// Opaque to the caller; empty means from the beginning.
    private static final Set<String> MAY_BE_EMPTY = Set.of("cursor", "history");

    private static final String PATH = "/";
    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?\\d{1,19}");

    private final Map<HandlerMethod, Map<String, Class<?>>> known = new ConcurrentHashMap<>();
    private final ParameterNameDiscoverer names = new DefaultParameterNameDiscoverer();

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method && JsonHandlerMapping.isOurs(method.getBeanType())) {
            var types = known.computeIfAbsent(method, this::parametersOf);
            requireQuery(request.getQueryString(), types);
            if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> variables) {
                variables.forEach((name, value) ->
                        requireForm(String.valueOf(name), String.valueOf(value), types.get(PATH + name)));
            }
        }
        return true;
    }

    /// Types of the parameters by name; path variables have a prefix.
    private Map<String, Class<?>> parametersOf(HandlerMethod method) {
        Map<String, Class<?>> types = new LinkedHashMap<>();
        for (MethodParameter parameter : method.getMethodParameters()) {
            parameter.initParameterNameDiscovery(names);
            if (parameter.hasParameterAnnotation(RequestParam.class)) {
                types.put(String.valueOf(parameter.getParameterName()), parameter.getParameterType());
            } else if (parameter.hasParameterAnnotation(PathVariable.class)) {
                types.put(PATH + parameter.getParameterName(), parameter.getParameterType());
            }
        }
        return types;
    }

    static void requireQuery(@Nullable String query, Map<String, Class<?>> types) {
        if (query == null || query.isEmpty()) {
            return;
        }
        var seen = new HashSet<String>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            Class<?> type = types.get(name);
            if (type == null) {
                throw unknown(name, types);
            }
            if (!seen.add(name)) {
                throw invalid(name + " is given twice; give it once");
            }
            if (value.isEmpty() && !MAY_BE_EMPTY.contains(name)) {
                throw invalid(name + " is empty; give a value, or leave it out");
            }
            requireForm(name, value, type);
        }
    }

    private static MultiNicException unknown(String name, Map<String, Class<?>> types) {
        List<String> all =
                types.keySet().stream().filter(each -> !each.startsWith(PATH)).toList();
        return invalid("there is no parameter '" + shown(name) + "' here; "
                + (all.isEmpty() ? "this operation has none" : "there are " + String.join(", ", all)));
    }

    private static void requireForm(String name, String value, @Nullable Class<?> type) {
        if (type != null && !isForm(value, type)) {
            throw invalid(name + " is '" + shown(value) + "'; give " + JsonFaults.expected(type));
        }
    }

    private static boolean isForm(String value, Class<?> type) {
        if (type == String.class) {
            return true;
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .anyMatch(each -> each.toString().equals(value));
        }
        if (type == boolean.class || type == Boolean.class) {
            return value.equals("true") || value.equals("false");
        }
        return WHOLE_NUMBER.matcher(value).matches();
    }

    private static String shown(String name) {
        return name.length() <= 64 ? name : name.substring(0, 64) + "…";
    }

    /// Decodes strictly: invalid UTF-8 must not become another text.
    private static String decode(String encoded) {
        try {
            byte[] bytes =
                    URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw invalid("the query has '" + shown(encoded) + "', which is not percent-encoded UTF-8");
        }
    }

    private static MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_REQUEST, message);
    }
}
