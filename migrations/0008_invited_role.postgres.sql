-- The role that accepting an invitation gives; empty without one. Roles above user are
-- for confirmed addresses. The column changes the catalog only: PostgreSQL rewrites no
-- row and scans none.

ALTER TABLE users
    ADD COLUMN invited_role text NOT NULL DEFAULT '',
    -- The rule and not the list, so that a release with a new role needs no step.
    ADD CONSTRAINT users_invited_role_check CHECK (invited_role <> 'user') NOT VALID;
