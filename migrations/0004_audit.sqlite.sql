-- The audit log. Frozen: later changes are later steps.

CREATE TABLE audit_events (
    id          TEXT    NOT NULL PRIMARY KEY,
    occurred_at TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,
    -- No foreign keys: entries outlive the users and sessions they name.
    actor_id    TEXT,
    by_operator INTEGER NOT NULL,
    subject_id  TEXT,
    session_id  TEXT,
    client_ip   TEXT    NOT NULL DEFAULT '',
    user_agent  TEXT    NOT NULL DEFAULT '',
    request_id  TEXT    NOT NULL DEFAULT '',
    detail      TEXT    NOT NULL DEFAULT '',
    CONSTRAINT audit_events_id_check CHECK (
        length(id) = 36 AND id = lower(id)
        AND (actor_id IS NULL OR (length(actor_id) = 36 AND actor_id = lower(actor_id)))
        AND (subject_id IS NULL OR (length(subject_id) = 36 AND subject_id = lower(subject_id)))
        AND (session_id IS NULL OR (length(session_id) = 36 AND session_id = lower(session_id)))
    ),
    -- The form and not the list, so that a release with a new type needs no step. Words hold no address and no secret.
    CONSTRAINT audit_events_type_check CHECK (length(type) BETWEEN 1 AND 64 AND type NOT GLOB '*[^a-z0-9_]*'),
    CONSTRAINT audit_events_outcome_check CHECK (outcome IN ('success', 'refused')),
    CONSTRAINT audit_events_by_operator_check CHECK (by_operator IN (0, 1)),
    CONSTRAINT audit_events_operator_check CHECK (NOT (by_operator = 1 AND actor_id IS NOT NULL)),
    CONSTRAINT audit_events_detail_check CHECK (length(detail) <= 64 AND detail NOT GLOB '*[^a-z0-9_]*'),
    CONSTRAINT audit_events_times_check CHECK (occurred_at LIKE '____-__-__T__:__:__.______Z')
) STRICT;
CREATE INDEX audit_events_occurred_at_idx ON audit_events (occurred_at, id);
CREATE INDEX audit_events_subject_id_idx ON audit_events (subject_id, occurred_at, id) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_events_actor_id_idx ON audit_events (actor_id, occurred_at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_events_type_idx ON audit_events (type, occurred_at, id);

-- The one change of an entry is to blank where it came from. A later step that
-- adds a column replaces this trigger.
CREATE TRIGGER audit_events_append_only BEFORE UPDATE ON audit_events
WHEN NOT (
    NEW.client_ip = '' AND NEW.user_agent = ''
    AND NEW.id IS OLD.id AND NEW.occurred_at IS OLD.occurred_at AND NEW.type IS OLD.type AND NEW.outcome IS OLD.outcome
    AND NEW.actor_id IS OLD.actor_id AND NEW.by_operator IS OLD.by_operator AND NEW.subject_id IS OLD.subject_id
    AND NEW.session_id IS OLD.session_id AND NEW.request_id IS OLD.request_id AND NEW.detail IS OLD.detail
)
BEGIN
    SELECT RAISE(ABORT, 'audit_events: an entry is never changed, but for erasing client_ip and user_agent');
END;
