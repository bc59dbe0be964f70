package io.multinic.ipam.store.plan;

import io.multinic.contract.wire.NetworkDefinition;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Converter of definitions to their wire format, in which they are stored.
@Converter
class DefinitionConverter implements AttributeConverter<NetworkDefinition, String> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static NetworkDefinition parse(String json) {
        return JSON.readValue(json, NetworkDefinition.class);
    }

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable NetworkDefinition definition) {
        return definition == null ? null : JSON.writeValueAsString(definition);
    }

    @Override
    public @Nullable NetworkDefinition convertToEntityAttribute(@Nullable String json) {
        return json == null ? null : parse(json);
    }
}
