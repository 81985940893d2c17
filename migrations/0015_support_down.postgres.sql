UPDATE users SET role = 'user' WHERE role NOT IN ('user', 'admin');
ALTER TABLE users
    DROP COLUMN disabled_reason,
    DROP COLUMN password_change_required,
    DROP CONSTRAINT users_role_check,
    ADD CONSTRAINT users_role_check CHECK (role IN ('user', 'admin')) NOT VALID;
ALTER TABLE audit_events DROP COLUMN reason;
CREATE OR REPLACE FUNCTION audit_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    erased audit_events := OLD;
BEGIN
    erased.client_ip := '';
    erased.user_agent := '';
    IF NEW IS DISTINCT FROM erased THEN
        RAISE EXCEPTION 'audit_events: an entry is never changed, but for erasing client_ip and user_agent'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
