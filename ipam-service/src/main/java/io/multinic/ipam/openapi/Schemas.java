package io.multinic.ipam.openapi;

import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import java.util.List;
import java.util.Set;

/// Factory of schemas of OpenAPI 3.1, in which a type is one of a set.
final class Schemas {
    private Schemas() {}

    static JsonSchema of(String type) {
        var schema = new JsonSchema();
        schema.setTypes(Set.of(type));
        return schema;
    }

    static JsonSchema text(String pattern) {
        JsonSchema schema = of("string");
        schema.setPattern(pattern);
        return schema;
    }

    static JsonSchema format(String format) {
        JsonSchema schema = of("string");
        schema.setFormat(format);
        return schema;
    }

    static JsonSchema reference(String name) {
        var schema = new JsonSchema();
        schema.set$ref(name);
        return schema;
    }

    /// Copy of a parameter's schema.
    static JsonSchema copy(Schema<?> schema) {
        var copy = new JsonSchema();
        copy.setTypes(schema.getTypes());
        copy.setFormat(schema.getFormat());
        if (schema.getDefault() != null) {
            copy.setDefault(schema.getDefault());
        }
        copy.setItems(schema.getItems());
        if (schema.getEnum() != null) {
            schema.getEnum().forEach(copy::addEnumItemObject);
        }
        return copy;
    }

    static JsonSchema anyOf(List<Schema<?>> choices) {
        var schema = new JsonSchema();
        choices.forEach(schema::addAnyOfItem);
        return schema;
    }
}
