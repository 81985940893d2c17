-- How the user of a session proved the sign-in, and when. Both columns change
-- the catalog only: PostgreSQL rewrites no row and scans none, so the table is
-- locked for milliseconds at any size.

ALTER TABLE user_sessions
    -- Names of methods as in RFC 8176, separated by spaces. The default covers
    -- sessions of releases that knew passwords only.
    ADD COLUMN methods          text        NOT NULL DEFAULT 'pwd',
    -- Null means created_at: releases without this column leave it out.
    ADD COLUMN authenticated_at timestamptz,
    -- The form and not the list, so that a release with a new method needs no
    -- step. NOT VALID spares the scan: each row that exists has the default.
    ADD CONSTRAINT user_sessions_methods_check CHECK (methods ~ '^[a-z0-9_]+( [a-z0-9_]+)*$') NOT VALID;
