DROP TABLE audit_feed;
DROP TRIGGER audit_events_append_only;
DROP INDEX audit_events_unread_idx;
DROP INDEX audit_events_position_idx;
ALTER TABLE audit_events DROP COLUMN position;
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
