-- What administrators and the controller did, what they keep back from the pods, and what they ended by hand.

-- Who changed what. Names, not references: what is told outlives what it tells of. Partitions are months of `at`, in
-- UTC; what has no partition of its own is in the one for the rest, so that nothing is ever lost.
CREATE SEQUENCE audit_event_id AS bigint;
CREATE TABLE audit_event (
    id      bigint NOT NULL DEFAULT nextval('audit_event_id'),
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    caller  text NOT NULL,
    action  text NOT NULL,
    network text,
    node    text,
    object  text, -- a node's UID, an address, a range of addresses
    reason  text,
    details jsonb NOT NULL,
    CONSTRAINT audit_event_pk PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE audit_event_id OWNED BY audit_event.id;
CREATE TABLE audit_event_rest PARTITION OF audit_event DEFAULT;
CREATE INDEX audit_event_network ON audit_event (network, id);
CREATE INDEX audit_event_node ON audit_event (node, id);

-- Ranges of addresses, with both ends. One end is one host: `inet` compares network lengths as well.
CREATE TYPE inet_range AS RANGE (subtype = inet);

CREATE FUNCTION addresses_of(block cidr) RETURNS inet_range LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT inet_range(set_masklen(block::inet, CASE family(block) WHEN 4 THEN 32 ELSE 128 END),
                      set_masklen(broadcast(block), CASE family(block) WHEN 4 THEN 32 ELSE 128 END), '[]')
$$;

-- `held_for` is the namespace, or namespace/pod, whose pods may ask for these addresses by name.
CREATE TABLE reservation (
    id         bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT reservation_pk PRIMARY KEY,
    network_id integer NOT NULL REFERENCES network (id),
    first      inet NOT NULL,
    last       inet NOT NULL,
    reason     text NOT NULL,
    owner      text NOT NULL,
    held_for   text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL,
    CONSTRAINT reservation_ends_are_hosts CHECK (
        masklen(first) = CASE family(first) WHEN 4 THEN 32 ELSE 128 END
        AND masklen(last) = CASE family(last) WHEN 4 THEN 32 ELSE 128 END),
    CONSTRAINT reservation_is_of_one_family CHECK (family(first) = family(last)),
    CONSTRAINT reservations_of_a_network_do_not_overlap
        EXCLUDE USING gist (network_id WITH =, inet_range(first, last, '[]') WITH &&)
);
CREATE INDEX reservation_first ON reservation (network_id, first);

-- A retired node's journals have ended: should the node come back, it begins new ones, by the same names.
ALTER TABLE journal ADD COLUMN ended_at timestamptz;
ALTER TABLE journal DROP CONSTRAINT journal_store_unique;
CREATE UNIQUE INDEX journal_store_unique ON journal (node_id, store_id) WHERE ended_at IS NULL;

-- RELEASED: an administrator ended an interval of which the node has not said so; resolved when it does.
ALTER TABLE conflict DROP CONSTRAINT conflict_kind_known;
ALTER TABLE conflict ADD CONSTRAINT conflict_kind_known CHECK (kind IN ('ADDRESS_HELD', 'NOT_HELD', 'RELEASED'));
