-- True from a registration that needs a confirmed address until the account has an owner.
-- Only such accounts are removed for their age, so every account of an earlier release
-- is false, as are imported, adopted and invited ones. The column changes the catalog
-- only. The index is empty at first; making it reads the table once.

ALTER TABLE users ADD COLUMN registration_pending boolean NOT NULL DEFAULT false;
CREATE INDEX users_registration_pending_idx ON users (created_at, id) WHERE registration_pending;
