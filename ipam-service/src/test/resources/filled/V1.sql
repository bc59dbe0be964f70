-- Three networks, one of them gone; five nodes, one of them superseded and one retired; 600 intervals, 150 of them open.
-- Times are relative to now, so that retention always treats them alike.
INSERT INTO network (name, number, definition, revision) VALUES
    ('alpha', 0, '{"name": "alpha", "subnets": ["192.168.0.0/16"], "masterNets": ["10.0.1.0/24", "10.0.2.0/24"], "interfaceBlock": 2, "hostBlock": 6, "excludes": [], "hostRoutes": true}', 3),
    ('beta', 1, '{"name": "beta", "subnets": ["10.64.0.0/16", "fd00:10::/56"], "masterNets": ["10.0.2.0/24"], "interfaceBlock": 1, "hostBlock": 4, "excludes": ["10.64.0.0/30"], "hostRoutes": true}', 5),
    ('gone', NULL, NULL, 0);
INSERT INTO network_subnet VALUES (1, '192.168.0.0/16'), (2, '10.64.0.0/16'), (2, 'fd00:10::/56');

INSERT INTO node (uid, name, current, retired_at, revision) VALUES
    ('uid-1', 'node1', true, NULL, 4),
    ('uid-2-old', 'node2', false, NULL, 4),
    ('uid-3', 'node3', true, NULL, 4),
    ('uid-2', 'node2', true, NULL, 9),
    ('uid-9', 'node9', false, now() - interval '40 days', 8);
INSERT INTO nic
SELECT node_id, nic, 'eth' || nic, ARRAY[format('10.0.%s.%s/24', nic, node_id)::inet]
FROM unnest(ARRAY[1, 3, 4]) AS node_id, generate_series(1, 2) AS nic;

INSERT INTO interface_index (network_id, index, master_net, blocks, revision) VALUES
    (1, 0, '10.0.1.0/24', '{192.168.0.0/18}', 9),
    (1, 1, '10.0.2.0/24', '{192.168.64.0/18}', 9),
    (2, 0, '10.0.2.0/24', '{10.64.0.0/17,fd00:10::/57}', 9);
-- A superseded node keeps its index and is not a peer.
INSERT INTO host_index (interface_index_id, node_id, nic, index, present, via_ipv4)
SELECT interface.id, host.node_id, 'eth' || split_part(host(interface.master_net), '.', 3), host.index, host.node_id <> 2,
       CASE WHEN host.node_id <> 2 THEN set_masklen(interface.master_net::inet + host.node_id, 32) END
FROM interface_index AS interface, (VALUES (1, 0), (2, 1), (3, 2), (4, 3)) AS host (node_id, index);
INSERT INTO block (host_index_id, network_id, cidr, interface_block, excluded)
SELECT host.id, 1, set_masklen(interface.blocks[1]::inet + host.index * 256, 24)::cidr, interface.blocks[1], '{}'
FROM host_index AS host JOIN interface_index AS interface ON interface.id = host.interface_index_id
WHERE interface.network_id = 1
UNION ALL
SELECT host.id, 2, set_masklen('10.64.0.0'::inet + host.index * 2048, 21)::cidr, '10.64.0.0/17',
       CASE host.index WHEN 0 THEN '{10.64.0.0/30}'::cidr[] ELSE '{}' END
FROM host_index AS host WHERE interface_index_id = 3
UNION ALL
SELECT host.id, 2, format('fd00:10:0:%s::/61', to_hex(host.index * 8))::cidr, 'fd00:10::/57', '{}'
FROM host_index AS host WHERE interface_index_id = 3;
INSERT INTO unplaced VALUES (1, 3, 'eth9', 'no host index is free');
SELECT setval('plan_revision', 9);

INSERT INTO journal (node_id, store_id, stored_through)
SELECT id, 'store-' || id, 1000 FROM node ORDER BY id;
INSERT INTO session SELECT id, id, 2, now() - interval '50 days' FROM node;

-- On each node fifty addresses with three ended intervals and an open one; on the retired node only ended ones, in `gone`.
INSERT INTO allocation (network_id, node_id, address, held, nic, pod_namespace, pod_name, pod_uid, container_id, if_name,
                        pod_interface, journal_id, opened_sequence)
SELECT 1, node_id, '192.168.0.10'::inet + (node_id - 1) * 256 + i,
       CASE turn WHEN 3 THEN tstzrange(now() - interval '2 days' + i * interval '1 second', NULL)
                 ELSE tstzrange(now() - (90 - turn * 25) * interval '1 day', now() - (80 - turn * 25) * interval '1 day')
       END,
       'eth1', 'ns-' || i % 3, format('pod-%s-%s-%s', node_id, i, turn), 'pod-uid', format('c-%s-%s-%s', node_id, i, turn),
       'net1', 'net1-0', node_id, i * 4 + turn + 1
FROM unnest(ARRAY[1, 2, 3]) AS node_id, generate_series(0, 49) AS i, generate_series(0, 3) AS turn;
INSERT INTO allocation (network_id, node_id, address, held, nic, pod_namespace, pod_name, pod_uid, container_id, if_name,
                        pod_interface, journal_id)
VALUES (3, 5, '172.16.0.4', tstzrange(now() - interval '60 days', now() - interval '50 days'), 'eth1', 'default', 'old', '',
        'c-gone', 'net1', 'net1-0', 5);

INSERT INTO conflict (kind, network_id, node_id, address, at, nic, pod_namespace, pod_name, pod_uid, container_id,
                      if_name, pod_interface, journal_id, sequence, resolved_at) VALUES
    ('ADDRESS_HELD', 1, 3, '192.168.0.10', now() - interval '1 day', 'eth1', 'default', 'claimant', '', 'c-waits', 'net1',
     'net1-0', 3, 990, NULL),
    ('NOT_HELD', 1, 1, '192.168.0.99', now() - interval '3 days', 'eth1', 'default', 'p', '', 'c-x', 'net1', 'net1-0', 1,
     991, now() - interval '3 days');
