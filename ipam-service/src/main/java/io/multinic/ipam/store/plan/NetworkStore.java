package io.multinic.ipam.store.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.ipam.plan.OccupiedAddresses.OtherSubnet;
import io.multinic.ipam.recovery.NetworkNumbers;
import io.multinic.ipam.store.Columns;
import io.multinic.ipam.store.NetworkRecord;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// Store of networks by name.
@Repository
public class NetworkStore {
    private final NetworkRepository networks;
    private final StatedBlockStore stated;
    private final JdbcClient jdbc;

    NetworkStore(NetworkRepository networks, StatedBlockStore stated, JdbcClient jdbc) {
        this.networks = networks;
        this.stated = stated;
        this.jdbc = jdbc;
    }

    /// Finds a network that is defined now.
    public Optional<NetworkRecord> find(String name) {
        return networks.findByName(name).map(NetworkEntity::toRecord).filter(network -> network.definition() != null);
    }

    /// All networks that are defined now, by name.
    public List<NetworkRecord> findAll() {
        return networks.findByDefinitionNotNullOrderByName().stream()
                .map(NetworkEntity::toRecord)
                .toList();
    }

    /// Stores the definition. A new network gets the number that nodes have stated for it, if that is free, else
    /// the lowest free one.
    public NetworkRecord define(PlanLock lock, NetworkDefinition definition) {
        var network = networks.findByName(definition.name()).orElseGet(() -> new NetworkEntity(definition.name()));
        Integer number = network.number();
        network.define(definition, number != null ? number : freeNumber(definition.name()), lock.revision());
        return networks.saveAndFlush(network).toRecord();
    }

    /// Replaces the subnets that the network assigns addresses from.
    public void replaceSubnets(PlanLock lock, NetworkRecord network, Collection<Cidr> subnets) {
        String[] wanted = subnets.stream().map(Cidr::toString).toArray(String[]::new);
        jdbc.sql("DELETE FROM network_subnet WHERE network_id = ? AND subnet <> ALL (?::cidr[])")
                .param(network.id())
                .param(wanted)
                .update();
        jdbc.sql("""
                        INSERT INTO network_subnet (network_id, subnet)
                        SELECT ?, wanted FROM unnest(?::cidr[]) AS wanted
                        WHERE wanted NOT IN (SELECT subnet FROM network_subnet WHERE network_id = ?)""").param(network.id()).param(wanted).param(network.id()).update();
    }

    /// Subnets of all networks except this one.
    public List<OtherSubnet> otherSubnets(String name) {
        return jdbc.sql("""
                        SELECT network.name, subnet FROM network_subnet
                        JOIN network ON network.id = network_subnet.network_id
                        WHERE network.name <> ? ORDER BY subnet""")
                .param(name)
                .query((row, number) -> new OtherSubnet(row.getString("name"), Columns.cidr(row, "subnet")))
                .list();
    }

    private int freeNumber(String name) {
        Set<Integer> taken = takenNumbers();
        Optional<Integer> before = stated.numberOf(name).filter(number -> !taken.contains(number));
        if (before.isPresent()) {
            return before.get();
        }
        taken.addAll(stated.numbersOfOthers(name));
        int number = 0;
        while (taken.contains(number)) {
            number++;
        }
        return number;
    }

    private Set<Integer> takenNumbers() {
        Set<Integer> taken = new HashSet<>();
        findAll().forEach(network -> taken.add(Objects.requireNonNull(network.number())));
        return taken;
    }

    /// Changes the numbers of networks.
    public void renumber(PlanLock lock, Map<String, Integer> numbers) {
        long revision = lock.revision();
        // Numbers may be swapped, and uniqueness is checked row by row: so they move through an unused range.
        for (int offset : new int[] {NetworkNumbers.LIMIT, 0}) {
            jdbc.sql("""
                            UPDATE network SET number = wanted.number + ?, revision = ?
                            FROM unnest(?::text[], ?::integer[]) AS wanted (name, number)
                            WHERE network.name = wanted.name AND definition IS NOT NULL""")
                    .param(offset)
                    .param(revision)
                    .param(Columns.texts(numbers.entrySet(), Map.Entry::getKey))
                    .param(Columns.texts(numbers.entrySet(), Map.Entry::getValue))
                    .update();
        }
    }

    /// Removes the definition; the row stays for the ledger.
    public void undefine(PlanLock lock, String name) {
        networks.findByName(name).ifPresent(network -> {
            network.undefine(lock.revision());
            var stored = networks.saveAndFlush(network).toRecord();
            jdbc.sql("DELETE FROM network_subnet WHERE network_id = ?")
                    .param(stored.id())
                    .update();
        });
    }
}
