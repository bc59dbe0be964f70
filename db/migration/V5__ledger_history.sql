-- The history of the ledger leaves the table that every batch writes, and leaves the database by whole months.
--
-- `allocation` keeps open intervals, however old, and those that ended lately. The others are moved here, to the
-- month in which they ended.

-- No references: a row had them in `allocation`, and what it refers to is never deleted. Making or dropping a month
-- would lock the tables that are referred to, and every batch writes one of them.
CREATE TABLE allocation_past (
    id              bigint NOT NULL,
    ended_at        timestamptz NOT NULL,
    network_id      integer NOT NULL,
    node_id         bigint NOT NULL,
    address         inet NOT NULL,
    held            tstzrange NOT NULL,
    nic             text NOT NULL,
    pod_namespace   text NOT NULL,
    pod_name        text NOT NULL,
    pod_uid         text NOT NULL,
    container_id    text NOT NULL,
    if_name         text NOT NULL,
    pod_interface   text NOT NULL,
    journal_id      bigint NOT NULL,
    opened_sequence bigint,
    CONSTRAINT allocation_past_ended_at_is_the_end CHECK (ended_at = upper(held))
) PARTITION BY RANGE (ended_at);

-- Holds what ended in a month that has not been made; empty but for mishaps. Each month is made like it, with its
-- constraints and indexes: an exclusion constraint can stand on a partition, not on the whole before PostgreSQL 17.
CREATE TABLE allocation_past_rest PARTITION OF allocation_past (
    CONSTRAINT allocation_past_rest_pk PRIMARY KEY (id),
    CONSTRAINT allocation_past_rest_event_stored_once UNIQUE (journal_id, opened_sequence),
    CONSTRAINT allocation_past_rest_one_holder_at_a_time
        EXCLUDE USING gist (address inet_ops WITH =, held WITH &&, network_id WITH =)
) DEFAULT;
CREATE INDEX allocation_past_rest_pod ON allocation_past_rest (pod_namespace, pod_name, id);
CREATE INDEX allocation_past_rest_node ON allocation_past_rest (node_id, id);

CREATE INDEX allocation_closed ON allocation (upper(held)) WHERE NOT upper_inf(held);
ALTER TABLE allocation SET (autovacuum_vacuum_scale_factor = 0.05); -- what was moved leaves room soon

-- One row. All intervals in `allocation_past` ended before `ended_before`, so what begins later need not look there.
CREATE TABLE allocation_past_horizon (
    only_row     boolean NOT NULL DEFAULT true CONSTRAINT allocation_past_horizon_is_one_row PRIMARY KEY,
    ended_before timestamptz NOT NULL,
    CONSTRAINT allocation_past_horizon_only_row CHECK (only_row)
);
INSERT INTO allocation_past_horizon (ended_before) VALUES ('-infinity');

-- The constraint on `allocation` does not see what was moved. Between a batch's look at the history and its INSERT, an
-- interval may be stored by another batch and moved; the same error as that of the constraint makes the batch decide
-- anew. The query below sees everything that was committed before it, and a move that is under way makes the
-- constraint wait for its end.
CREATE FUNCTION allocation_forbid_two_holders() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    clash record;
BEGIN
    SELECT given.address, given.held, earlier.held AS earlier INTO clash
    FROM given CROSS JOIN LATERAL (
        SELECT past.held FROM allocation_past AS past
        WHERE past.address = given.address AND past.network_id = given.network_id AND past.held && given.held
          AND past.ended_at > lower(given.held)
        LIMIT 1) AS earlier
    WHERE lower(given.held) < (SELECT ended_before FROM allocation_past_horizon)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'exclusion_violation',
            CONSTRAINT = 'one_holder_of_an_address_at_a_time_ever',
            MESSAGE = format('"one_holder_of_an_address_at_a_time_ever": %s held %s was held %s',
                             clash.address, clash.held, clash.earlier);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER one_holder_of_an_address_at_a_time_ever_insert AFTER INSERT ON allocation
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION allocation_forbid_two_holders();
CREATE TRIGGER one_holder_of_an_address_at_a_time_ever_update AFTER UPDATE ON allocation
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION allocation_forbid_two_holders();

-- Every interval of the ledger. `ended_at` is absent while the address is held; a condition on it spares whole months.
CREATE VIEW ledger_interval AS
SELECT id, upper(held) AS ended_at, network_id, node_id, address, held, nic, pod_namespace, pod_name, pod_uid,
       container_id, if_name, pod_interface, journal_id, opened_sequence
FROM allocation
UNION ALL
SELECT id, ended_at, network_id, node_id, address, held, nic, pod_namespace, pod_name, pod_uid,
       container_id, if_name, pod_interface, journal_id, opened_sequence
FROM allocation_past;

CREATE INDEX conflict_resolved ON conflict (resolved_at) WHERE resolved_at IS NOT NULL;

-- How far a node's agent is: up to `reported_at` the ledger has everything, `heard_at` is when it last said so, and
-- `plan_revision` is that of the plan it goes by. Changed by every batch and every half minute of silence, so there is
-- room for the new version of a row beside the old one, and no index on these.
ALTER TABLE session
    ADD COLUMN reported_at   timestamptz,
    ADD COLUMN heard_at      timestamptz,
    ADD COLUMN plan_revision bigint,
    ADD CONSTRAINT session_plan_revision_not_negative CHECK (plan_revision >= 0),
    SET (fillfactor = 50);

-- Whose reports no longer count.
CREATE INDEX node_retired ON node (id) WHERE retired_at IS NOT NULL;
