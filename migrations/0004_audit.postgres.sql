-- The audit log. Frozen: later changes are later steps.

CREATE TABLE audit_events (
    id          uuid        NOT NULL CONSTRAINT audit_events_pkey PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    type        text        COLLATE "C" NOT NULL,
    outcome     text        NOT NULL,
    -- No foreign keys: entries outlive the users and sessions they name.
    actor_id    uuid,
    by_operator boolean     NOT NULL,
    subject_id  uuid,
    session_id  uuid,
    client_ip   text        NOT NULL DEFAULT '',
    user_agent  text        NOT NULL DEFAULT '',
    request_id  text        NOT NULL DEFAULT '',
    detail      text        NOT NULL DEFAULT '',
    -- The form and not the list, so that a release with a new type needs no step. Words hold no address and no secret.
    CONSTRAINT audit_events_type_check CHECK (type ~ '^[a-z0-9_]{1,64}$'),
    CONSTRAINT audit_events_outcome_check CHECK (outcome IN ('success', 'refused')),
    CONSTRAINT audit_events_operator_check CHECK (NOT (by_operator AND actor_id IS NOT NULL)),
    CONSTRAINT audit_events_detail_check CHECK (detail ~ '^[a-z0-9_]{0,64}$')
);
CREATE INDEX audit_events_occurred_at_idx ON audit_events (occurred_at, id);
CREATE INDEX audit_events_subject_id_idx ON audit_events (subject_id, occurred_at, id) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_events_actor_id_idx ON audit_events (actor_id, occurred_at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_events_type_idx ON audit_events (type, occurred_at, id);

-- The one change of an entry is to blank where it came from.
CREATE FUNCTION audit_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER audit_events_append_only BEFORE UPDATE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_events_refuse_change();
