-- Host-subnet mode divides the NICs' own networks: hosts and pods then have addresses in one network.

-- Every address that a node's NICs have, or had when they were last there: a NIC that is down now has the same address
-- when it is back, and meanwhile no pod may get it. Rows go when the NIC comes back with others, or the node is retired.
CREATE TABLE host_address (
    node_id bigint NOT NULL REFERENCES node (id),
    nic     text NOT NULL,
    address inet NOT NULL,
    CONSTRAINT host_address_unique PRIMARY KEY (node_id, nic, address),
    CONSTRAINT host_address_is_one_host CHECK (masklen(address) = CASE family(address) WHEN 4 THEN 32 ELSE 128 END)
);
CREATE INDEX host_address_address ON host_address (address);
INSERT INTO host_address (node_id, nic, address)
SELECT DISTINCT nic.node_id, nic.name, host(address)::inet FROM nic, unnest(nic.addresses) AS address;

-- What is excluded from a peer's block is not reached through the peer.
ALTER TABLE plan_change ADD COLUMN excluded cidr[] NOT NULL DEFAULT '{}';

-- How many addresses of the block pods can have: all but the excluded ones and those that no host has on a link, which
-- are the first one of the interface block and for IPv4 its last one. The planner counts them; this is for blocks that
-- it stored before.
ALTER TABLE block ADD COLUMN capacity numeric(39) NOT NULL DEFAULT 0
    CONSTRAINT block_capacity_not_negative CHECK (capacity >= 0);
UPDATE block SET capacity =
    2::numeric ^ ((CASE family(cidr) WHEN 4 THEN 32 ELSE 128 END) - masklen(cidr))
    - (SELECT coalesce(sum(2::numeric ^ ((CASE family(part) WHEN 4 THEN 32 ELSE 128 END) - masklen(part))), 0)
       FROM unnest(excluded) AS part)
    - (SELECT count(*)
       FROM unnest(ARRAY[host(interface_block)::inet, host(broadcast(interface_block))::inet]) WITH ORDINALITY
            AS special (address, position)
       WHERE masklen(interface_block) <= CASE family(cidr) WHEN 4 THEN 30 ELSE 126 END
         AND (position = 1 OR family(cidr) = 4)
         AND address <<= cidr AND NOT EXISTS (SELECT FROM unnest(excluded) AS part WHERE address <<= part));
ALTER TABLE block ALTER COLUMN capacity DROP DEFAULT;

-- The host indexes that are given out, as ranges: indexes are dense, so ranges are few, and a node that joins need not
-- read those of all others one by one. The triggers keep it true, whoever writes.
ALTER TABLE interface_index ADD COLUMN taken int4multirange NOT NULL DEFAULT '{}';
UPDATE interface_index SET taken = hosts.indexes
FROM (SELECT interface_index_id, range_agg(int4range(index, index, '[]')) AS indexes
      FROM host_index GROUP BY interface_index_id) AS hosts
WHERE hosts.interface_index_id = interface_index.id;

CREATE FUNCTION host_indexes_freed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE interface_index SET taken = taken - hosts.indexes
    FROM (SELECT interface_index_id, range_agg(int4range(index, index, '[]')) AS indexes
          FROM old_hosts GROUP BY interface_index_id) AS hosts
    WHERE hosts.interface_index_id = interface_index.id;
    RETURN NULL;
END $$;

CREATE FUNCTION host_indexes_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE interface_index SET taken = taken + hosts.indexes
    FROM (SELECT interface_index_id, range_agg(int4range(index, index, '[]')) AS indexes
          FROM new_hosts GROUP BY interface_index_id) AS hosts
    WHERE hosts.interface_index_id = interface_index.id;
    RETURN NULL;
END $$;

CREATE TRIGGER host_index_deleted AFTER DELETE ON host_index
    REFERENCING OLD TABLE AS old_hosts FOR EACH STATEMENT EXECUTE FUNCTION host_indexes_freed();
CREATE TRIGGER host_index_inserted AFTER INSERT ON host_index
    REFERENCING NEW TABLE AS new_hosts FOR EACH STATEMENT EXECUTE FUNCTION host_indexes_taken();
-- Triggers of one event run by name: what was is freed before what is now is taken.
CREATE TRIGGER host_index_updated_1 AFTER UPDATE ON host_index
    REFERENCING OLD TABLE AS old_hosts FOR EACH STATEMENT EXECUTE FUNCTION host_indexes_freed();
CREATE TRIGGER host_index_updated_2 AFTER UPDATE ON host_index
    REFERENCING NEW TABLE AS new_hosts FOR EACH STATEMENT EXECUTE FUNCTION host_indexes_taken();
