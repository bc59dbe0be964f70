-- What peers must hear of a change of the plan: one row for each block that peers now reach, reach otherwise or no
-- longer reach. An agent that knows a revision takes the rows after it instead of the whole plan.

CREATE TABLE plan_change (
    id              bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT plan_change_pk PRIMARY KEY,
    revision        bigint NOT NULL,
    network_id      integer NOT NULL REFERENCES network (id),
    interface_index integer NOT NULL,
    block           cidr NOT NULL,
    node            text NOT NULL,
    via             inet -- NULL: peers no longer reach the block
);
CREATE INDEX plan_change_revision ON plan_change (revision);

-- One row. Changes up to `revision` are not kept. `history` names this database: the revisions of another one count
-- other changes.
CREATE TABLE plan_change_horizon (
    only_row boolean NOT NULL DEFAULT true CONSTRAINT plan_change_horizon_is_one_row PRIMARY KEY,
    revision bigint NOT NULL,
    history  text NOT NULL,
    CONSTRAINT plan_change_horizon_only_row CHECK (only_row)
);
INSERT INTO plan_change_horizon (revision, history)
SELECT CASE WHEN is_called THEN last_value ELSE 0 END, gen_random_uuid()::text FROM plan_revision;
