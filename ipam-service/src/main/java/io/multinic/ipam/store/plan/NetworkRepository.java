package io.multinic.ipam.store.plan;

import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;

interface NetworkRepository extends JpaRepository<NetworkEntity, Integer> {
    Optional<NetworkEntity> findByName(String name);

    List<NetworkEntity> findByDefinitionNotNullOrderByName();
}
