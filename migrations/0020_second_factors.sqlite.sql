-- Second factors and recovery codes. The step only adds: the release before it runs on.

-- Whether the user has a confirmed factor, so that a sign-in and a check read users only.
ALTER TABLE users ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0
    CONSTRAINT users_second_factor_check CHECK (second_factor IN (0, 1));

CREATE TABLE user_factors (
    id             TEXT    NOT NULL PRIMARY KEY,
    user_id        TEXT    NOT NULL CONSTRAINT user_factors_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    name           TEXT    NOT NULL,
    -- The key that sealed the secret.
    key_id         TEXT    NOT NULL,
    secret         BLOB    NOT NULL,
    algorithm      TEXT    NOT NULL,
    digits         INTEGER NOT NULL,
    period_seconds INTEGER NOT NULL,
    -- The newest step whose code was accepted; -1 before the first.
    last_step      INTEGER NOT NULL,
    created_at     TEXT    NOT NULL,
    confirmed_at   TEXT,
    last_used_at   TEXT,
    version        INTEGER NOT NULL,
    CONSTRAINT user_factors_id_check CHECK (length(id) = 36 AND id = lower(id)),
    CONSTRAINT user_factors_name_check CHECK (length(name) <= 64),
    CONSTRAINT user_factors_key_id_check CHECK (key_id <> ''),
    CONSTRAINT user_factors_secret_check CHECK (length(secret) > 0),
    -- The rule and not the list, so that a release with a new algorithm needs no step.
    CONSTRAINT user_factors_algorithm_check CHECK (algorithm <> ''),
    CONSTRAINT user_factors_digits_check CHECK (digits BETWEEN 6 AND 8),
    CONSTRAINT user_factors_period_seconds_check CHECK (period_seconds BETWEEN 1 AND 120),
    CONSTRAINT user_factors_last_step_check CHECK (last_step >= -1),
    CONSTRAINT user_factors_version_check CHECK (version >= 1),
    CONSTRAINT user_factors_times_check CHECK (
        created_at LIKE '____-__-__T__:__:__.______Z'
        AND (confirmed_at IS NULL OR confirmed_at LIKE '____-__-__T__:__:__.______Z')
        AND (last_used_at IS NULL OR last_used_at LIKE '____-__-__T__:__:__.______Z')
    )
) STRICT;
CREATE INDEX user_factors_user_id_idx ON user_factors (user_id);
-- For the change of keys, which reads the factors of a key page by page.
CREATE INDEX user_factors_key_id_idx ON user_factors (key_id, id);
-- For the clean-up.
CREATE INDEX user_factors_pending_idx ON user_factors (created_at) WHERE confirmed_at IS NULL;

CREATE TABLE recovery_codes (
    user_id    TEXT NOT NULL CONSTRAINT recovery_codes_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    -- The key of the hash.
    key_id     TEXT NOT NULL,
    -- HMAC-SHA-256 of the code.
    hash       BLOB NOT NULL,
    created_at TEXT NOT NULL,
    used_at    TEXT,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, hash),
    CONSTRAINT recovery_codes_key_id_check CHECK (key_id <> ''),
    CONSTRAINT recovery_codes_hash_check CHECK (length(hash) = 32),
    CONSTRAINT recovery_codes_times_check CHECK (
        created_at LIKE '____-__-__T__:__:__.______Z'
        AND (used_at IS NULL OR used_at LIKE '____-__-__T__:__:__.______Z')
    )
) STRICT;
-- For the keys that are needed: a code that was used needs none.
CREATE INDEX recovery_codes_key_id_idx ON recovery_codes (key_id) WHERE used_at IS NULL;
