-- Nodes have stated their blocks; one of them a block that this database assigned to another node.
UPDATE node SET spoke_in = 1 WHERE retired_at IS NULL;
INSERT INTO stated_block VALUES
    ('uid-7', 'node7', 'lost', 3, 'eth1', '10.0.1.0/24', 0, 7, '172.20.0.0/18', '172.20.7.0/24', 'the network is unknown', now());
