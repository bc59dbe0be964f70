package io.multinic.ipam.openapi;

import com.fasterxml.jackson.databind.type.TypeFactory;
import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Schemas of the wire records: components that are not nullable are required, additional properties are forbidden,
/// and addresses are strings.
public final class RecordSchemas implements ModelConverter {
    static final String CIDR = "[0-9a-fA-F:.]{2,45}/\\d{1,3}";

    private static final String REFERENCE = "#/components/schemas/";

    @Override
    public boolean isOpenapi31() {
        return true;
    }

    @Override
    public @Nullable Schema<?> resolve(
            AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> others) {
        Class<?> raw =
                TypeFactory.defaultInstance().constructType(type.getType()).getRawClass();
        if (raw == IpAddress.class) {
            Schema<?> schema = Schemas.of("string");
            address(schema);
            return schema;
        }
        if (raw == Cidr.class || raw == PrefixedAddress.class) {
            return Schemas.text("^" + CIDR + "$");
        }
        if (raw == AddressCount.class) {
            return Schemas.text("^\\d{1,40}$");
        }
        if (raw == AddressRange.class) {
            return Schemas.of("string");
        }
        Schema<?> schema = others.hasNext() ? others.next().resolve(type, context, others) : null;
        String reference = schema == null ? null : schema.get$ref();
        if (raw.isRecord() && reference != null) {
            Schema<?> model = context.getDefinedModels().get(reference.substring(REFERENCE.length()));
            if (model != null && model.getProperties() != null) {
                describe(raw, model);
            }
        }
        return schema;
    }

    /// Address as a string; also for parameters.
    static void address(Schema<?> schema) {
        schema.addAnyOfItem(Schemas.format("ipv4"));
        schema.addAnyOfItem(Schemas.format("ipv6"));
    }

    private static void describe(Class<?> type, Schema<?> model) {
        model.setAdditionalProperties(false);
        Constructor<?> constructor = canonical(type);
        RecordComponent[] components = type.getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            String name = components[i].getName();
            Schema<?> property = model.getProperties().get(name);
            if (property == null) {
                continue;
            }
            SchemaBounds.ofField(type, name, property);
            if (!SchemaBounds.neverNull(type, name)
                    && constructor.getAnnotatedParameterTypes()[i].isAnnotationPresent(Nullable.class)) {
                model.getProperties().put(name, orNull(property));
            } else if (model.getRequired() == null || !model.getRequired().contains(name)) {
                model.addRequiredItem(name);
            }
        }
    }

    private static Constructor<?> canonical(Class<?> type) {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            return type.getDeclaredConstructor(types);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Schema<?> orNull(Schema<?> schema) {
        if (schema.get$ref() != null || schema.getAnyOf() != null || schema.getEnum() != null) {
            return Schemas.anyOf(List.of(schema, Schemas.of("null")));
        }
        schema.addType("null");
        return schema;
    }
}
