-- Second factors and recovery codes. The step only adds: the release before it runs on.

-- Whether the user has a confirmed factor, so that a sign-in and a check read users only. The
-- column changes the catalog only.
ALTER TABLE users ADD COLUMN second_factor boolean NOT NULL DEFAULT false;

CREATE TABLE user_factors (
    id             uuid        NOT NULL CONSTRAINT user_factors_pkey PRIMARY KEY,
    user_id        uuid        NOT NULL CONSTRAINT user_factors_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    name           text        NOT NULL,
    -- The key that sealed the secret. COLLATE "C": compared byte by byte, as SQLite does.
    key_id         text        COLLATE "C" NOT NULL,
    secret         bytea       NOT NULL,
    algorithm      text        NOT NULL,
    digits         integer     NOT NULL,
    period_seconds integer     NOT NULL,
    -- The newest step whose code was accepted; -1 before the first.
    last_step      bigint      NOT NULL,
    created_at     timestamptz NOT NULL,
    confirmed_at   timestamptz,
    last_used_at   timestamptz,
    version        bigint      NOT NULL,
    CONSTRAINT user_factors_name_check CHECK (length(name) <= 64),
    CONSTRAINT user_factors_key_id_check CHECK (key_id <> ''),
    CONSTRAINT user_factors_secret_check CHECK (octet_length(secret) > 0),
    -- The rule and not the list, so that a release with a new algorithm needs no step.
    CONSTRAINT user_factors_algorithm_check CHECK (algorithm <> ''),
    CONSTRAINT user_factors_digits_check CHECK (digits BETWEEN 6 AND 8),
    CONSTRAINT user_factors_period_seconds_check CHECK (period_seconds BETWEEN 1 AND 120),
    CONSTRAINT user_factors_last_step_check CHECK (last_step >= -1),
    CONSTRAINT user_factors_version_check CHECK (version >= 1)
);
CREATE INDEX user_factors_user_id_idx ON user_factors (user_id);
-- For the change of keys, which reads the factors of a key page by page.
CREATE INDEX user_factors_key_id_idx ON user_factors (key_id, id);
-- For the clean-up.
CREATE INDEX user_factors_pending_idx ON user_factors (created_at) WHERE confirmed_at IS NULL;

CREATE TABLE recovery_codes (
    user_id    uuid        NOT NULL CONSTRAINT recovery_codes_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    -- The key of the hash.
    key_id     text        COLLATE "C" NOT NULL,
    -- HMAC-SHA-256 of the code.
    hash       bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, hash),
    CONSTRAINT recovery_codes_key_id_check CHECK (key_id <> ''),
    CONSTRAINT recovery_codes_hash_check CHECK (octet_length(hash) = 32)
);
-- For the keys that are needed: a code that was used needs none.
CREATE INDEX recovery_codes_key_id_idx ON recovery_codes (key_id) WHERE used_at IS NULL;
