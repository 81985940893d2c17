-- A refresh moves expires_at. While that column has an index, each refresh writes the row into
-- all indexes of the table; without it, the new version of the row stays beside the old one
-- (HOT). The clean-up looks at sessions in the order of their keys instead. The step changes the
-- catalog only. The release before it runs on: its clean-up reads the table more slowly.
DROP INDEX user_sessions_expires_at_idx;
