-- Actions of administrators, a journal that ended with its node, and the claim of a node whose address was released.
INSERT INTO audit_event (at, caller, action, network, node, object, reason, details) VALUES
    (now() - interval '70 days', 'admin', 'NETWORK_DELETED', 'gone', NULL, NULL, NULL, '{}'),
    (now() - interval '40 days', 'controller', 'NODE_RETIRED', NULL, 'node9', 'uid-9', 'gone', '{}');
INSERT INTO reservation (network_id, first, last, reason, owner, created_by)
VALUES (1, '192.168.0.200', '192.168.0.209', 'gateways', 'net-team', 'admin'),
       (2, 'fd00:10::100', 'fd00:10::1ff', 'tests', 'net-team', 'admin');
UPDATE journal SET ended_at = now() - interval '40 days' WHERE node_id = 5;
INSERT INTO conflict (kind, network_id, node_id, address, at, nic, pod_namespace, pod_name, pod_uid, container_id,
                      if_name, pod_interface, journal_id, sequence)
VALUES ('RELEASED', 1, 1, '192.168.0.250', now() - interval '1 day', 'eth1', 'default', 'stuck', '', 'c-stuck', 'net1',
        'net1-0', 1, NULL);
