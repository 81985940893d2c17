-- What large tables ask for (ADR 0034). The settings change the catalog only. Making the index
-- reads users once, under a lock that lets checks, refreshes and most logins go on. What writes a
-- user waits for it: a registration, and a login that replaces an outdated hash.

-- Cleaning finds the users whose sessions ended all at once by the time of their change.
-- users_session_epoch_idx, by which earlier releases find them, stays for those.
CREATE INDEX users_epoch_updated_at_idx ON users (updated_at) WHERE session_epoch > 1;

-- A row of a session is written again with each refresh and each sighting. Room in its page
-- keeps the new version beside the old one, and sightings out of the indexes (HOT).
ALTER TABLE user_sessions SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
-- Each event of a limit writes its row again.
ALTER TABLE rate_limits SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
-- The log only grows at one end and shrinks at the other. A tenth of a large log is too much
-- to wait for.
ALTER TABLE audit_events SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE users SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
