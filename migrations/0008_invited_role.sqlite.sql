-- The role that accepting an invitation gives; empty without one. Roles above user are
-- for confirmed addresses.

ALTER TABLE users ADD COLUMN invited_role TEXT NOT NULL DEFAULT ''
    -- The rule and not the list, so that a release with a new role needs no step.
    CONSTRAINT users_invited_role_check CHECK (invited_role <> 'user');
