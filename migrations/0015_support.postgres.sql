-- Roles besides user and admin, passwords that must change, and the reason of a disabled
-- account. Everything changes the catalog only: PostgreSQL rewrites no row and scans none.

ALTER TABLE users
    DROP CONSTRAINT users_role_check,
    -- The rule and not the list, so that a release with a new role needs no step.
    ADD CONSTRAINT users_role_check CHECK (role <> '') NOT VALID,
    ADD COLUMN password_change_required boolean NOT NULL DEFAULT false,
    ADD COLUMN disabled_reason text NOT NULL DEFAULT '';

-- A text that staff wrote about the subject. It goes with the account, so it is the third
-- thing that may be blanked.
ALTER TABLE audit_events ADD COLUMN reason text NOT NULL DEFAULT '';
CREATE OR REPLACE FUNCTION audit_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    erased audit_events := OLD;
BEGIN
    IF NEW.client_ip = '' THEN
        erased.client_ip := '';
    END IF;
    IF NEW.user_agent = '' THEN
        erased.user_agent := '';
    END IF;
    IF NEW.reason = '' THEN
        erased.reason := '';
    END IF;
    IF NEW IS DISTINCT FROM erased THEN
        RAISE EXCEPTION 'audit_events: an entry is never changed, but for erasing client_ip, user_agent and reason'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
