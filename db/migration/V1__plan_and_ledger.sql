-- The address plan and the ledger of every allocation.
-- What must never be true is forbidden here, by a constraint with a name that says it, not by the service alone.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- One number for every change of the plan. It is drawn under the plan lock, so numbers become visible in their order.
CREATE SEQUENCE plan_revision AS bigint;

-- ---------------------------------------------------------------------------------------------------------------
-- What should exist
-- ---------------------------------------------------------------------------------------------------------------

-- One row for each name ever seen: the ledger keeps the history of a network that is gone. Without a definition the
-- network does not exist now.
CREATE TABLE network (
    id         integer GENERATED ALWAYS AS IDENTITY CONSTRAINT network_pk PRIMARY KEY,
    name       text NOT NULL CONSTRAINT network_name_unique UNIQUE,
    number     integer CONSTRAINT network_number_unique UNIQUE,
    definition jsonb,
    revision   bigint NOT NULL DEFAULT 0,
    CONSTRAINT network_number_not_negative CHECK (number >= 0),
    CONSTRAINT network_number_while_defined CHECK ((definition IS NULL) = (number IS NULL))
);

CREATE TABLE network_subnet (
    network_id integer NOT NULL REFERENCES network (id),
    subnet     cidr NOT NULL,
    CONSTRAINT network_subnets_do_not_overlap EXCLUDE USING gist (subnet inet_ops WITH &&)
);
CREATE INDEX network_subnet_network ON network_subnet (network_id);

-- A node is its UID. Of several with one name, the last one put is current; a retired one has no blocks.
CREATE TABLE node (
    id         bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT node_pk PRIMARY KEY,
    uid        text NOT NULL CONSTRAINT node_uid_unique UNIQUE,
    name       text NOT NULL,
    current    boolean NOT NULL,
    retired_at timestamptz,
    revision   bigint NOT NULL DEFAULT 0,
    CONSTRAINT node_retired_is_not_current CHECK (retired_at IS NULL OR NOT current)
);
CREATE UNIQUE INDEX node_current_name_unique ON node (name) WHERE current;

CREATE TABLE nic (
    node_id   bigint NOT NULL REFERENCES node (id),
    position  integer NOT NULL,
    name      text NOT NULL,
    addresses inet[] NOT NULL,
    CONSTRAINT nic_name_unique PRIMARY KEY (node_id, name),
    CONSTRAINT nic_position_unique UNIQUE (node_id, position)
);

-- ---------------------------------------------------------------------------------------------------------------
-- The plan
-- ---------------------------------------------------------------------------------------------------------------

-- `revision` is that of the last change that a host with a block in this interface must hear of.
CREATE TABLE interface_index (
    id         bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT interface_index_pk PRIMARY KEY,
    network_id integer NOT NULL REFERENCES network (id),
    index      integer NOT NULL,
    master_net cidr NOT NULL,
    blocks     cidr[] NOT NULL,
    revision   bigint NOT NULL,
    CONSTRAINT interface_index_not_negative CHECK (index >= 0),
    CONSTRAINT interface_index_unique UNIQUE (network_id, index),
    CONSTRAINT interface_index_master_net_unique UNIQUE (network_id, master_net)
);

-- A node that loses the NIC keeps the row; `present` says whether the NIC is there now, `via_*` how peers reach it.
CREATE TABLE host_index (
    id                 bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT host_index_pk PRIMARY KEY,
    interface_index_id bigint NOT NULL REFERENCES interface_index (id) ON DELETE CASCADE,
    node_id            bigint NOT NULL REFERENCES node (id),
    nic                text NOT NULL,
    index              integer NOT NULL,
    present            boolean NOT NULL,
    via_ipv4           inet,
    via_ipv6           inet,
    CONSTRAINT host_index_not_negative CHECK (index >= 0),
    CONSTRAINT host_index_unique UNIQUE (interface_index_id, index),
    CONSTRAINT host_index_nic_unique UNIQUE (interface_index_id, node_id, nic)
);
CREATE INDEX host_index_node ON host_index (node_id);

CREATE TABLE block (
    host_index_id   bigint NOT NULL REFERENCES host_index (id) ON DELETE CASCADE,
    network_id      integer NOT NULL REFERENCES network (id),
    cidr            cidr NOT NULL,
    interface_block cidr NOT NULL,
    excluded        cidr[] NOT NULL,
    CONSTRAINT block_inside_interface_block CHECK (cidr <<= interface_block),
    CONSTRAINT blocks_of_a_network_do_not_overlap EXCLUDE USING gist (network_id WITH =, cidr inet_ops WITH &&)
);
CREATE INDEX block_host_index ON block (host_index_id);
CREATE UNIQUE INDEX block_family_unique ON block (host_index_id, family(cidr));

-- A NIC that should have a block, or a route to it, and has none.
CREATE TABLE unplaced (
    network_id integer NOT NULL REFERENCES network (id),
    node_id    bigint NOT NULL REFERENCES node (id),
    nic        text NOT NULL,
    reason     text NOT NULL,
    CONSTRAINT unplaced_unique PRIMARY KEY (network_id, node_id, nic, reason)
);

-- ---------------------------------------------------------------------------------------------------------------
-- The ledger
-- ---------------------------------------------------------------------------------------------------------------

-- A node's journal on its disk, by the store id that the agent drew for it. Events up to `stored_through` are here.
CREATE TABLE journal (
    id             bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT journal_pk PRIMARY KEY,
    node_id        bigint NOT NULL REFERENCES node (id),
    store_id       text NOT NULL,
    stored_through bigint NOT NULL DEFAULT 0,
    CONSTRAINT journal_store_unique UNIQUE (node_id, store_id),
    CONSTRAINT journal_stored_through_not_negative CHECK (stored_through >= 0)
);

-- Whose turn it is: apart from `node`, because every batch locks this row and a change of the plan must not wait for it.
CREATE TABLE session (
    node_id    bigint CONSTRAINT session_node_unique PRIMARY KEY REFERENCES node (id),
    journal_id bigint NOT NULL REFERENCES journal (id),
    epoch      bigint NOT NULL,
    opened_at  timestamptz NOT NULL,
    CONSTRAINT session_epoch_positive CHECK (epoch > 0)
);

-- `held` is [from, to), open above while the address is held. The address comes first in the exclusion's index, which
-- therefore also answers who held an address at a moment. `opened_sequence` is absent where not an event but a session
-- stated the address as live.
CREATE TABLE allocation (
    id              bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT allocation_pk PRIMARY KEY,
    network_id      integer NOT NULL REFERENCES network (id),
    node_id         bigint NOT NULL REFERENCES node (id),
    address         inet NOT NULL,
    held            tstzrange NOT NULL,
    nic             text NOT NULL,
    pod_namespace   text NOT NULL,
    pod_name        text NOT NULL,
    pod_uid         text NOT NULL,
    container_id    text NOT NULL,
    if_name         text NOT NULL,
    pod_interface   text NOT NULL,
    journal_id      bigint NOT NULL REFERENCES journal (id),
    opened_sequence bigint,
    CONSTRAINT allocation_address_is_one_host CHECK (masklen(address) = CASE family(address) WHEN 4 THEN 32 ELSE 128 END),
    CONSTRAINT allocation_held_from_a_moment CHECK (
        NOT isempty(held) AND NOT lower_inf(held) AND lower_inc(held) AND NOT upper_inc(held)
        AND upper(held) IS DISTINCT FROM 'infinity'),
    CONSTRAINT allocation_event_stored_once UNIQUE (journal_id, opened_sequence),
    CONSTRAINT one_holder_of_an_address_at_a_time
        EXCLUDE USING gist (address inet_ops WITH =, held WITH &&, network_id WITH =)
);
CREATE INDEX allocation_pod ON allocation (pod_namespace, pod_name, id);
CREATE INDEX allocation_node ON allocation (node_id, id);
CREATE INDEX allocation_open ON allocation (node_id, network_id) WHERE upper_inf(held);

-- What a node said and the ledger cannot hold as true: it is kept here, and the node's other events go on.
CREATE TABLE conflict (
    id            bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT conflict_pk PRIMARY KEY,
    kind          text NOT NULL,
    network_id    integer NOT NULL REFERENCES network (id),
    node_id       bigint NOT NULL REFERENCES node (id),
    address       inet NOT NULL,
    at            timestamptz NOT NULL,
    nic           text NOT NULL,
    pod_namespace text NOT NULL,
    pod_name      text NOT NULL,
    pod_uid       text NOT NULL,
    container_id  text NOT NULL,
    if_name       text NOT NULL,
    pod_interface text NOT NULL,
    journal_id    bigint NOT NULL REFERENCES journal (id),
    sequence      bigint,
    resolved_at   timestamptz,
    CONSTRAINT conflict_kind_known CHECK (kind IN ('ADDRESS_HELD', 'NOT_HELD')),
    CONSTRAINT conflict_event_stored_once UNIQUE (journal_id, sequence)
);
CREATE INDEX conflict_unresolved ON conflict (address, network_id) WHERE resolved_at IS NULL;
