-- Users, their sessions and their one-time tokens. Frozen: later changes are later steps.
-- Identifiers are lower-case UUID text; times are UTC text of fixed width, to the
-- microsecond, so that their order as text is their order in time.

CREATE TABLE users (
    id             TEXT    NOT NULL PRIMARY KEY,
    email          TEXT    NOT NULL CONSTRAINT users_email_key UNIQUE,
    password_hash  TEXT    NOT NULL DEFAULT '',
    role           TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    email_verified INTEGER NOT NULL,
    session_epoch  INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    created_at     TEXT    NOT NULL,
    updated_at     TEXT    NOT NULL,
    -- The identifier an adopted user had before, as text.
    legacy_id      TEXT,
    CONSTRAINT users_id_check CHECK (length(id) = 36 AND id = lower(id)),
    CONSTRAINT users_email_check CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254 AND instr(email, '@') > 1),
    CONSTRAINT users_role_check CHECK (role IN ('user', 'admin')),
    CONSTRAINT users_status_check CHECK (status IN ('active', 'disabled')),
    CONSTRAINT users_email_verified_check CHECK (email_verified IN (0, 1)),
    CONSTRAINT users_version_check CHECK (version >= 1),
    CONSTRAINT users_times_check CHECK (
        created_at LIKE '____-__-__T__:__:__.______Z'
        AND updated_at LIKE '____-__-__T__:__:__.______Z'
    )
) STRICT;
CREATE INDEX users_created_at_idx ON users (created_at, id);
CREATE INDEX users_role_idx ON users (role, created_at, id);
CREATE INDEX users_status_idx ON users (status, created_at, id);
CREATE INDEX users_email_verified_idx ON users (email_verified, created_at, id);
CREATE INDEX users_session_epoch_idx ON users (id) WHERE session_epoch > 1;
CREATE UNIQUE INDEX users_legacy_id_key ON users (legacy_id) WHERE legacy_id IS NOT NULL;

CREATE TABLE user_sessions (
    id                  TEXT    NOT NULL PRIMARY KEY,
    user_id             TEXT    NOT NULL CONSTRAINT user_sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    epoch               INTEGER NOT NULL,
    generation          INTEGER NOT NULL,
    rotated_at          TEXT    NOT NULL,
    created_at          TEXT    NOT NULL,
    last_seen_at        TEXT    NOT NULL,
    expires_at          TEXT    NOT NULL,
    absolute_expires_at TEXT    NOT NULL,
    revoked_at          TEXT,
    revoke_reason       TEXT    NOT NULL DEFAULT '',
    client_ip           TEXT    NOT NULL DEFAULT '',
    user_agent          TEXT    NOT NULL DEFAULT '',
    version             INTEGER NOT NULL,
    CONSTRAINT user_sessions_id_check CHECK (length(id) = 36 AND id = lower(id)),
    CONSTRAINT user_sessions_generation_check CHECK (generation >= 1),
    CONSTRAINT user_sessions_version_check CHECK (version >= 1),
    CONSTRAINT user_sessions_revoked_check CHECK ((revoked_at IS NULL) = (revoke_reason = '')),
    CONSTRAINT user_sessions_times_check CHECK (
        rotated_at LIKE '____-__-__T__:__:__.______Z'
        AND created_at LIKE '____-__-__T__:__:__.______Z'
        AND last_seen_at LIKE '____-__-__T__:__:__.______Z'
        AND expires_at LIKE '____-__-__T__:__:__.______Z'
        AND absolute_expires_at LIKE '____-__-__T__:__:__.______Z'
        AND (revoked_at IS NULL OR revoked_at LIKE '____-__-__T__:__:__.______Z')
    )
) STRICT;
CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id, created_at DESC);
CREATE INDEX user_sessions_expires_at_idx ON user_sessions (expires_at);
CREATE INDEX user_sessions_revoked_at_idx ON user_sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE email_verification_tokens (
    id          TEXT    NOT NULL PRIMARY KEY,
    user_id     TEXT    NOT NULL CONSTRAINT email_verification_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    purpose     TEXT    NOT NULL,
    email       TEXT    NOT NULL,
    new_email   TEXT    NOT NULL DEFAULT '',
    -- SHA-256 of the secret; null until the mail is sent.
    secret_hash BLOB    CONSTRAINT email_verification_tokens_secret_hash_key UNIQUE,
    created_at  TEXT    NOT NULL,
    expires_at  TEXT    NOT NULL,
    used_at     TEXT,
    version     INTEGER NOT NULL,
    CONSTRAINT email_verification_tokens_id_check CHECK (length(id) = 36 AND id = lower(id)),
    CONSTRAINT email_verification_tokens_purpose_check CHECK (purpose IN ('verify_email', 'change_email')),
    CONSTRAINT email_verification_tokens_email_check CHECK (email = lower(email) AND email <> ''),
    CONSTRAINT email_verification_tokens_new_email_check
        CHECK (new_email = lower(new_email) AND (new_email <> '') = (purpose = 'change_email')),
    CONSTRAINT email_verification_tokens_secret_hash_check CHECK (length(secret_hash) = 32),
    CONSTRAINT email_verification_tokens_version_check CHECK (version >= 1),
    CONSTRAINT email_verification_tokens_times_check CHECK (
        created_at LIKE '____-__-__T__:__:__.______Z'
        AND expires_at LIKE '____-__-__T__:__:__.______Z'
        AND (used_at IS NULL OR used_at LIKE '____-__-__T__:__:__.______Z')
    )
) STRICT;
CREATE INDEX email_verification_tokens_user_id_idx ON email_verification_tokens (user_id);
CREATE INDEX email_verification_tokens_expires_at_idx ON email_verification_tokens (expires_at);
CREATE INDEX email_verification_tokens_used_at_idx ON email_verification_tokens (used_at) WHERE used_at IS NOT NULL;

CREATE TABLE password_reset_tokens (
    id          TEXT    NOT NULL PRIMARY KEY,
    user_id     TEXT    NOT NULL CONSTRAINT password_reset_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    purpose     TEXT    NOT NULL,
    email       TEXT    NOT NULL,
    secret_hash BLOB    CONSTRAINT password_reset_tokens_secret_hash_key UNIQUE,
    created_at  TEXT    NOT NULL,
    expires_at  TEXT    NOT NULL,
    used_at     TEXT,
    version     INTEGER NOT NULL,
    CONSTRAINT password_reset_tokens_id_check CHECK (length(id) = 36 AND id = lower(id)),
    CONSTRAINT password_reset_tokens_purpose_check CHECK (purpose IN ('reset_password', 'invitation')),
    CONSTRAINT password_reset_tokens_email_check CHECK (email = lower(email) AND email <> ''),
    CONSTRAINT password_reset_tokens_secret_hash_check CHECK (length(secret_hash) = 32),
    CONSTRAINT password_reset_tokens_version_check CHECK (version >= 1),
    CONSTRAINT password_reset_tokens_times_check CHECK (
        created_at LIKE '____-__-__T__:__:__.______Z'
        AND expires_at LIKE '____-__-__T__:__:__.______Z'
        AND (used_at IS NULL OR used_at LIKE '____-__-__T__:__:__.______Z')
    )
) STRICT;
CREATE INDEX password_reset_tokens_user_id_idx ON password_reset_tokens (user_id);
CREATE INDEX password_reset_tokens_expires_at_idx ON password_reset_tokens (expires_at);
CREATE INDEX password_reset_tokens_used_at_idx ON password_reset_tokens (used_at) WHERE used_at IS NOT NULL;
