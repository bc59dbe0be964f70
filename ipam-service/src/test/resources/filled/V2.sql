-- Plan changes for the peers of the node that joined last.
INSERT INTO plan_change (revision, network_id, interface_index, block, node, via)
SELECT 9, block.network_id, interface.index, block.cidr, 'node2', host.via_ipv4
FROM host_index AS host
JOIN interface_index AS interface ON interface.id = host.interface_index_id
JOIN block ON block.host_index_id = host.id
WHERE host.node_id = 4;
UPDATE plan_change_horizon SET revision = 5;
