-- Empties all tables but those of the placeholder's list, and restarts the identities.
DO $$
DECLARE
    target regclass;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR target IN SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
            AND relnamespace = 'public'::regnamespace AND relname NOT IN (%s) LOOP
        IF (SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree(target)) > 1000000
                OR pg_relation_size(target) > 1000000 THEN
            EXECUTE format('TRUNCATE %%s CASCADE', target);
        ELSE
            EXECUTE format('SELECT EXISTS (SELECT FROM %%s)', target) INTO filled;
            IF filled THEN
                EXECUTE format('DELETE FROM %%s', target);
            END IF;
        END IF;
    END LOOP;
    PERFORM setval(objid::regclass, 1, false) FROM pg_depend JOIN pg_class ON pg_class.oid = objid
    WHERE relkind = 'S' AND deptype IN ('a', 'i') AND relnamespace = 'public'::regnamespace
      AND refclassid = 'pg_class'::regclass;
END $$
