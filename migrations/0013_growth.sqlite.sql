-- Cleaning finds the users whose sessions ended all at once by the time of their change.
CREATE INDEX users_epoch_updated_at_idx ON users (updated_at) WHERE session_epoch > 1;
