package io.multinic.ipam.rest.strict;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// Handler mapping that restricts operations to `application/json` unless they declare otherwise. A YAML library on
/// the class path does not make YAML part of the API.
public final class JsonHandlerMapping extends RequestMappingHandlerMapping {
    private static final String PACKAGE = "io.multinic.ipam.rest";

    /// Returns true if the class is a controller of this API, not of a library.
    static boolean isOurs(Class<?> controller) {
        String name = controller.getPackageName();
        return name.equals(PACKAGE) || name.startsWith(PACKAGE + ".");
    }

    @Override
    protected @Nullable RequestMappingInfo getMappingForMethod(Method method, Class<?> handlerType) {
        RequestMappingInfo info = super.getMappingForMethod(method, handlerType);
        if (info == null || !isOurs(handlerType)) {
            return info;
        }
        var json = info.mutate();
        if (info.getProducesCondition().isEmpty() && method.getReturnType() != void.class) {
            json.produces(MediaType.APPLICATION_JSON_VALUE);
        }
        if (info.getConsumesCondition().isEmpty() && takesBody(method)) {
            json.consumes(MediaType.APPLICATION_JSON_VALUE);
        }
        return json.build();
    }

    private static boolean takesBody(Method method) {
        for (var parameter : method.getParameters()) {
            if (parameter.isAnnotationPresent(RequestBody.class)) {
                return true;
            }
        }
        return false;
    }
}
