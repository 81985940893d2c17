-- True from a registration that needs a confirmed address until the account has an owner.
-- Only such accounts are removed for their age, so every account of an earlier release
-- is false, as are imported, adopted and invited ones.

ALTER TABLE users ADD COLUMN registration_pending INTEGER NOT NULL DEFAULT 0
    CONSTRAINT users_registration_pending_check CHECK (registration_pending IN (0, 1));
CREATE INDEX users_registration_pending_idx ON users (created_at, id) WHERE registration_pending;
