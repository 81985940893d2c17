-- Roles besides user and admin, passwords that must change, and the reason of a disabled
-- account.

ALTER TABLE users DROP CONSTRAINT users_role_check;
-- The rule and not the list, so that a release with a new role needs no step.
ALTER TABLE users ADD CONSTRAINT users_role_check CHECK (role <> '');
ALTER TABLE users ADD COLUMN password_change_required INTEGER NOT NULL DEFAULT 0
    CONSTRAINT users_password_change_required_check CHECK (password_change_required IN (0, 1));
ALTER TABLE users ADD COLUMN disabled_reason TEXT NOT NULL DEFAULT '';

-- A text that staff wrote about the subject. It goes with the account, so it is the third
-- thing that may be blanked.
ALTER TABLE audit_events ADD COLUMN reason TEXT NOT NULL DEFAULT '';
DROP TRIGGER audit_events_append_only;
CREATE TRIGGER audit_events_append_only BEFORE UPDATE ON audit_events
WHEN NOT (
    (NEW.client_ip = '' OR NEW.client_ip IS OLD.client_ip) AND (NEW.user_agent = '' OR NEW.user_agent IS OLD.user_agent)
    AND (NEW.reason = '' OR NEW.reason IS OLD.reason)
    AND NEW.id IS OLD.id AND NEW.occurred_at IS OLD.occurred_at AND NEW.type IS OLD.type AND NEW.outcome IS OLD.outcome
    AND NEW.actor_id IS OLD.actor_id AND NEW.by_operator IS OLD.by_operator AND NEW.subject_id IS OLD.subject_id
    AND NEW.session_id IS OLD.session_id AND NEW.request_id IS OLD.request_id AND NEW.detail IS OLD.detail
)
BEGIN
    SELECT RAISE(ABORT, 'audit_events: an entry is never changed, but for erasing client_ip, user_agent and reason');
END;
