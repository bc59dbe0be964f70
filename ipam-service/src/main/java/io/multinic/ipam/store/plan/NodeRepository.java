package io.multinic.ipam.store.plan;

import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;

interface NodeRepository extends JpaRepository<NodeEntity, Long> {
    Optional<NodeEntity> findByUid(String uid);

    Optional<NodeEntity> findByNameAndCurrentTrue(String name);
}
