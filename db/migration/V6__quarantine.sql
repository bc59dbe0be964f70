-- A database that was set back never gives a live block away: which one this is, who has stated its blocks since it
-- became another one, and what was stated that it cannot hold as true.

-- One row. The cluster and timeline that this database was last seen on; when they differ, it was restored elsewhere or
-- promoted and may lack commits. `generation` counts the quarantines; nodes answer for each of them. `forebears` are
-- other databases that agents knew, and that this one has been in quarantine for.
CREATE TABLE lineage (
    only_row          boolean NOT NULL DEFAULT true CONSTRAINT lineage_is_one_row PRIMARY KEY,
    system_identifier bigint NOT NULL,
    timeline          text NOT NULL,
    generation        integer NOT NULL DEFAULT 1,
    forebears         text[] NOT NULL DEFAULT '{}',
    since             timestamptz,
    ended             timestamptz,
    reason            text NOT NULL DEFAULT '',
    CONSTRAINT lineage_only_row CHECK (only_row),
    CONSTRAINT lineage_generation_positive CHECK (generation > 0),
    CONSTRAINT lineage_ended_after_since CHECK (ended >= since)
);
INSERT INTO lineage (system_identifier, timeline)
SELECT system_identifier, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) FROM pg_control_system();

-- The generation in which the node last said which blocks it has.
ALTER TABLE node ADD COLUMN spoke_in integer NOT NULL DEFAULT 0;

-- Blocks that nodes state and that are not theirs here: of a node or network that is not known yet, by another layout
-- than the network has, or given to somebody else. Nobody else gets them. By names: what they stand for may be lost.
CREATE TABLE stated_block (
    node_uid        text NOT NULL,
    node            text NOT NULL,
    network         text NOT NULL,
    number          integer NOT NULL,
    nic             text NOT NULL,
    master_net      cidr NOT NULL,
    interface_index integer NOT NULL,
    host_index      integer NOT NULL,
    interface_block cidr NOT NULL,
    pod_block       cidr NOT NULL,
    reason          text NOT NULL,
    stated_at       timestamptz NOT NULL,
    CONSTRAINT stated_block_once PRIMARY KEY (node_uid, network, pod_block),
    CONSTRAINT stated_block_inside_interface_block CHECK (pod_block <<= interface_block)
);
CREATE INDEX stated_block_network ON stated_block (network);
