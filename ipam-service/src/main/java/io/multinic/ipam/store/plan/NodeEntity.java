package io.multinic.ipam.store.plan;

import io.multinic.ipam.store.NodeRecord;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "node")
class NodeEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String uid;
    private String name;
    private boolean current;

    @Column(name = "retired_at")
    private @Nullable Instant retiredAt;

    /// Raised by SQL statements of the plan; Hibernate must not write an old value back.
    @Column(updatable = false)
    private long revision;

    @SuppressWarnings("NullAway.Init") // Hibernate fills it
    protected NodeEntity() {}

    NodeEntity(String uid, String name, long revision) {
        this.uid = uid;
        this.name = name;
        this.revision = revision;
    }

    void becomeCurrent(String newName) {
        name = newName;
        current = true;
        retiredAt = null;
    }

    void supersede() {
        current = false;
    }

    void retire(Instant at) {
        current = false;
        retiredAt = at;
    }

    NodeRecord toRecord() {
        if (id == null) {
            throw new IllegalStateException("node " + name + " is not stored yet");
        }
        return new NodeRecord(id, uid, name, current, retiredAt != null);
    }
}
