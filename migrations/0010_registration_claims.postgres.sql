-- claim_hash is the SHA-256 of the secret of the browser that registered the account with
-- the password that stands; NULL without one. contested is true from a registration with
-- another password, which dropped the first one, until the account has a password or an
-- owner. The columns change the catalog only: PostgreSQL rewrites no row and scans none.

ALTER TABLE users
    ADD COLUMN claim_hash bytea,
    ADD COLUMN contested boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT users_claim_hash_check CHECK (octet_length(claim_hash) = 32) NOT VALID;
