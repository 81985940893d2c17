DROP TABLE audit_feed;
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
DROP INDEX audit_events_unread_idx;
DROP INDEX audit_events_position_idx;
ALTER TABLE audit_events DROP COLUMN position;
