-- Users by the domain of their address, and by a part of it. Making the indexes reads users,
-- under a lock that lets checks, refreshes and most logins go on. What writes a user waits.

CREATE INDEX users_domain_idx ON users (substr(email, strpos(email, '@') + 1), created_at, id);

-- The extension comes with PostgreSQL's contrib package, and the owner of the database may
-- create it. Without it there is no index, and searches for a part of an address are refused.
-- It may be there already, in a schema that the search_path does not name.
-- Entries wait in no list (fastupdate): a search would read the list, and a registration would
-- now and then have to sort it in.
DO $$
DECLARE
    place text;
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    SELECT extnamespace::regnamespace::text INTO place FROM pg_extension WHERE extname = 'pg_trgm';
    EXECUTE 'CREATE INDEX users_email_parts_idx ON users USING gin (email ' || place || '.gin_trgm_ops) WITH (fastupdate = off)';
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR undefined_object OR feature_not_supported THEN
        RAISE NOTICE 'users_email_parts_idx is not made: %', SQLERRM;
END
$$;
