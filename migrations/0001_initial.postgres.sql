-- Users, their sessions and their one-time tokens. Frozen: later changes are later steps.

CREATE TABLE users (
    id             uuid        NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
    -- COLLATE "C": compared byte by byte, so that one index serves login, prefix search and order.
    email          text        COLLATE "C" NOT NULL CONSTRAINT users_email_key UNIQUE,
    password_hash  text        NOT NULL DEFAULT '',
    role           text        NOT NULL,
    status         text        NOT NULL,
    email_verified boolean     NOT NULL,
    session_epoch  bigint      NOT NULL,
    version        bigint      NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    -- The identifier an adopted user had before, as text.
    legacy_id      text,
    CONSTRAINT users_email_check CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254 AND strpos(email, '@') > 1),
    CONSTRAINT users_role_check CHECK (role IN ('user', 'admin')),
    CONSTRAINT users_status_check CHECK (status IN ('active', 'disabled')),
    CONSTRAINT users_version_check CHECK (version >= 1)
);
CREATE INDEX users_created_at_idx ON users (created_at, id);
CREATE INDEX users_role_idx ON users (role, created_at, id);
CREATE INDEX users_status_idx ON users (status, created_at, id);
CREATE INDEX users_email_verified_idx ON users (email_verified, created_at, id);
CREATE INDEX users_session_epoch_idx ON users (id) WHERE session_epoch > 1;
CREATE UNIQUE INDEX users_legacy_id_key ON users (legacy_id) WHERE legacy_id IS NOT NULL;

CREATE TABLE user_sessions (
    id                  uuid        NOT NULL CONSTRAINT user_sessions_pkey PRIMARY KEY,
    user_id             uuid        NOT NULL CONSTRAINT user_sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    epoch               bigint      NOT NULL,
    generation          bigint      NOT NULL,
    rotated_at          timestamptz NOT NULL,
    created_at          timestamptz NOT NULL,
    last_seen_at        timestamptz NOT NULL,
    expires_at          timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    revoked_at          timestamptz,
    revoke_reason       text        NOT NULL DEFAULT '',
    client_ip           text        NOT NULL DEFAULT '',
    user_agent          text        NOT NULL DEFAULT '',
    version             bigint      NOT NULL,
    CONSTRAINT user_sessions_generation_check CHECK (generation >= 1),
    CONSTRAINT user_sessions_version_check CHECK (version >= 1),
    CONSTRAINT user_sessions_revoked_check CHECK ((revoked_at IS NULL) = (revoke_reason = ''))
);
CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id, created_at DESC);
CREATE INDEX user_sessions_expires_at_idx ON user_sessions (expires_at);
CREATE INDEX user_sessions_revoked_at_idx ON user_sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE email_verification_tokens (
    id          uuid        NOT NULL CONSTRAINT email_verification_tokens_pkey PRIMARY KEY,
    user_id     uuid        NOT NULL CONSTRAINT email_verification_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    purpose     text        NOT NULL,
    email       text        COLLATE "C" NOT NULL,
    new_email   text        COLLATE "C" NOT NULL DEFAULT '',
    -- SHA-256 of the secret; null until the mail is sent.
    secret_hash bytea       CONSTRAINT email_verification_tokens_secret_hash_key UNIQUE,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    version     bigint      NOT NULL,
    CONSTRAINT email_verification_tokens_purpose_check CHECK (purpose IN ('verify_email', 'change_email')),
    CONSTRAINT email_verification_tokens_email_check CHECK (email = lower(email) AND email <> ''),
    CONSTRAINT email_verification_tokens_new_email_check
        CHECK (new_email = lower(new_email) AND (new_email <> '') = (purpose = 'change_email')),
    CONSTRAINT email_verification_tokens_secret_hash_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT email_verification_tokens_version_check CHECK (version >= 1)
);
CREATE INDEX email_verification_tokens_user_id_idx ON email_verification_tokens (user_id);
CREATE INDEX email_verification_tokens_expires_at_idx ON email_verification_tokens (expires_at);
CREATE INDEX email_verification_tokens_used_at_idx ON email_verification_tokens (used_at) WHERE used_at IS NOT NULL;

CREATE TABLE password_reset_tokens (
    id          uuid        NOT NULL CONSTRAINT password_reset_tokens_pkey PRIMARY KEY,
    user_id     uuid        NOT NULL CONSTRAINT password_reset_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    purpose     text        NOT NULL,
    email       text        COLLATE "C" NOT NULL,
    secret_hash bytea       CONSTRAINT password_reset_tokens_secret_hash_key UNIQUE,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    version     bigint      NOT NULL,
    CONSTRAINT password_reset_tokens_purpose_check CHECK (purpose IN ('reset_password', 'invitation')),
    CONSTRAINT password_reset_tokens_email_check CHECK (email = lower(email) AND email <> ''),
    CONSTRAINT password_reset_tokens_secret_hash_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT password_reset_tokens_version_check CHECK (version >= 1)
);
CREATE INDEX password_reset_tokens_user_id_idx ON password_reset_tokens (user_id);
CREATE INDEX password_reset_tokens_expires_at_idx ON password_reset_tokens (expires_at);
CREATE INDEX password_reset_tokens_used_at_idx ON password_reset_tokens (used_at) WHERE used_at IS NOT NULL;
