UPDATE users SET role = 'user' WHERE role NOT IN ('user', 'admin');
ALTER TABLE users DROP COLUMN disabled_reason;
ALTER TABLE users DROP COLUMN password_change_required;
ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD CONSTRAINT users_role_check CHECK (role IN ('user', 'admin'));
DROP TRIGGER audit_events_append_only;
ALTER TABLE audit_events DROP COLUMN reason;
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
