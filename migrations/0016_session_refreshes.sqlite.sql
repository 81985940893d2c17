-- A refresh moves expires_at, and writes the index again each time. The clean-up looks at
-- sessions in the order of their keys instead.
DROP INDEX user_sessions_expires_at_idx;
