-- A node that joined at this version: its blocks have a capacity, and its own addresses are stored.
INSERT INTO node (uid, name, current, revision) VALUES ('uid-6', 'node6', true, 12);
INSERT INTO nic VALUES (6, 1, 'eth1', '{10.0.1.6/24}');
INSERT INTO host_address VALUES (6, 'eth1', '10.0.1.6');
INSERT INTO host_index (interface_index_id, node_id, nic, index, present, via_ipv4)
VALUES (1, 6, 'eth1', 4, true, '10.0.1.6');
INSERT INTO block (host_index_id, network_id, cidr, interface_block, excluded, capacity)
SELECT id, 1, '192.168.4.0/24', '192.168.0.0/18', '{}', 256 FROM host_index WHERE node_id = 6;
UPDATE interface_index SET revision = 12 WHERE id = 1;
INSERT INTO plan_change (revision, network_id, interface_index, block, node, via, excluded)
VALUES (12, 1, 0, '192.168.4.0/24', 'node6', '10.0.1.6', '{192.168.4.8/32}');
SELECT setval('plan_revision', 12);
