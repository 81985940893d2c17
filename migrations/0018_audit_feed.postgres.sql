-- The feed of the audit log (ADR 0042). An event gets its position when a reader of the feed
-- first finds it. So an event whose transaction committed late comes later, and is not missed.

ALTER TABLE audit_events ADD COLUMN position bigint;
-- Each index reads audit_events once. Events are recorded after that: about a second later for
-- each million events.
CREATE UNIQUE INDEX audit_events_position_idx ON audit_events (position) WHERE position IS NOT NULL;
CREATE INDEX audit_events_unread_idx ON audit_events (occurred_at, id) WHERE position IS NULL;

-- The last position. Its row is the lock of those who give positions.
CREATE TABLE audit_feed (
    id       smallint NOT NULL CONSTRAINT audit_feed_pkey PRIMARY KEY CONSTRAINT audit_feed_id_check CHECK (id = 1),
    position bigint   NOT NULL
);
INSERT INTO audit_feed (id, position) VALUES (1, 0);

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
    IF OLD.position IS NULL THEN
        erased.position := NEW.position;
    END IF;
    IF NEW IS DISTINCT FROM erased THEN
        RAISE EXCEPTION 'audit_events: an entry is never changed, but for erasing client_ip, user_agent and reason, and its first position'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
