-- A part of the history has been moved, some of it before its month was created; agents have reported.
DO $$
DECLARE
    month timestamptz := date_trunc('month', now() - interval '80 days', 'UTC');
    partition text := 'allocation_past_' || to_char(month AT TIME ZONE 'UTC', '"y"YYYY"m"MM');
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE allocation_past_rest INCLUDING ALL)', partition);
    EXECUTE format('ALTER TABLE allocation_past ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   partition, month, (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
END $$;
WITH moved AS (DELETE FROM allocation WHERE upper(held) < now() - interval '50 days' RETURNING *)
INSERT INTO allocation_past
SELECT id, upper(held), network_id, node_id, address, held, nic, pod_namespace, pod_name, pod_uid, container_id, if_name,
       pod_interface, journal_id, opened_sequence FROM moved;
UPDATE allocation_past_horizon SET ended_before = now() - interval '50 days';
UPDATE session SET reported_at = now() - interval '1 minute', heard_at = now(), plan_revision = 12;
