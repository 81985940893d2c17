-- One-time tokens that move an account back to a former address. They have a table of
-- their own, because earlier releases delete the unused rows of the other tables with
-- each change of a password, and fail on purposes that they do not know.

CREATE TABLE email_undo_tokens (
    id              uuid        NOT NULL CONSTRAINT email_undo_tokens_pkey PRIMARY KEY,
    user_id         uuid        NOT NULL CONSTRAINT email_undo_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    purpose         text        NOT NULL,
    -- The former address, which is reserved while the token is open.
    email           text        COLLATE "C" NOT NULL,
    new_email       text        COLLATE "C" NOT NULL,
    -- The state of the account at the former address.
    former_role     text        NOT NULL,
    former_verified boolean     NOT NULL,
    -- SHA-256 of the secret; null until the mail is sent.
    secret_hash     bytea       CONSTRAINT email_undo_tokens_secret_hash_key UNIQUE,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz,
    version         bigint      NOT NULL,
    CONSTRAINT email_undo_tokens_purpose_check CHECK (purpose = 'undo_email'),
    CONSTRAINT email_undo_tokens_email_check CHECK (email = lower(email) AND email <> ''),
    CONSTRAINT email_undo_tokens_new_email_check CHECK (new_email = lower(new_email) AND new_email <> ''),
    CONSTRAINT email_undo_tokens_former_role_check CHECK (former_role <> ''),
    CONSTRAINT email_undo_tokens_secret_hash_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT email_undo_tokens_version_check CHECK (version >= 1)
);
CREATE INDEX email_undo_tokens_user_id_idx ON email_undo_tokens (user_id);
CREATE INDEX email_undo_tokens_email_idx ON email_undo_tokens (email);
CREATE INDEX email_undo_tokens_expires_at_idx ON email_undo_tokens (expires_at);
CREATE INDEX email_undo_tokens_used_at_idx ON email_undo_tokens (used_at) WHERE used_at IS NOT NULL;
