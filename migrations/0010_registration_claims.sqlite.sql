-- claim_hash is the SHA-256 of the secret of the browser that registered the account with
-- the password that stands; NULL without one. contested is true from a registration with
-- another password, which dropped the first one, until the account has a password or an
-- owner.

ALTER TABLE users ADD COLUMN claim_hash BLOB
    CONSTRAINT users_claim_hash_check CHECK (length(claim_hash) = 32);
ALTER TABLE users ADD COLUMN contested INTEGER NOT NULL DEFAULT 0
    CONSTRAINT users_contested_check CHECK (contested IN (0, 1));
