package io.multinic.ipam.store.plan;

import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.ipam.store.NetworkRecord;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.ColumnTransformer;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "network")
class NetworkEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Integer id;

    private String name;
    private @Nullable Integer number;

    @Convert(converter = DefinitionConverter.class)
    @Column(columnDefinition = "jsonb")
    @ColumnTransformer(read = "definition::text", write = "?::jsonb")
    private @Nullable NetworkDefinition definition;

    private long revision;

    @SuppressWarnings("NullAway.Init") // Hibernate fills it
    protected NetworkEntity() {}

    NetworkEntity(String name) {
        this.name = name;
    }

    void define(NetworkDefinition newDefinition, int newNumber, long newRevision) {
        definition = newDefinition;
        number = newNumber;
        revision = newRevision;
    }

    void undefine(long newRevision) {
        definition = null;
        number = null;
        revision = newRevision;
    }

    NetworkRecord toRecord() {
        if (id == null) {
            throw new IllegalStateException("network " + name + " is not stored yet");
        }
        return new NetworkRecord(id, name, number, definition, revision);
    }

    @Nullable
    Integer number() {
        return number;
    }
}
