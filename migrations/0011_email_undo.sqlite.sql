-- One-time tokens that move an account back to a former address. They have a table of
-- their own, because earlier releases delete the unused rows of the other tables with
-- each change of a password, and fail on purposes that they do not know.

CREATE TABLE email_undo_tokens (
    id              TEXT    NOT NULL PRIMARY KEY,
    user_id         TEXT    NOT NULL CONSTRAINT email_undo_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    purpose         TEXT    NOT NULL,
    -- The former address, which is reserved while the token is open.
    email           TEXT    NOT NULL,
    new_email       TEXT    NOT NULL,
    -- The state of the account at the former address.
    former_role     TEXT    NOT NULL,
    former_verified INTEGER NOT NULL,
    -- SHA-256 of the secret; null until the mail is sent.
    secret_hash     BLOB    CONSTRAINT email_undo_tokens_secret_hash_key UNIQUE,
    created_at      TEXT    NOT NULL,
    expires_at      TEXT    NOT NULL,
    used_at         TEXT,
    version         INTEGER NOT NULL,
    CONSTRAINT email_undo_tokens_id_check CHECK (length(id) = 36 AND id = lower(id)),
    CONSTRAINT email_undo_tokens_purpose_check CHECK (purpose = 'undo_email'),
    CONSTRAINT email_undo_tokens_email_check CHECK (email = lower(email) AND email <> ''),
    CONSTRAINT email_undo_tokens_new_email_check CHECK (new_email = lower(new_email) AND new_email <> ''),
    CONSTRAINT email_undo_tokens_former_role_check CHECK (former_role <> ''),
    CONSTRAINT email_undo_tokens_former_verified_check CHECK (former_verified IN (0, 1)),
    CONSTRAINT email_undo_tokens_secret_hash_check CHECK (length(secret_hash) = 32),
    CONSTRAINT email_undo_tokens_version_check CHECK (version >= 1),
    CONSTRAINT email_undo_tokens_times_check CHECK (
        created_at LIKE '____-__-__T__:__:__.______Z'
        AND expires_at LIKE '____-__-__T__:__:__.______Z'
        AND (used_at IS NULL OR used_at LIKE '____-__-__T__:__:__.______Z')
    )
) STRICT;
CREATE INDEX email_undo_tokens_user_id_idx ON email_undo_tokens (user_id);
CREATE INDEX email_undo_tokens_email_idx ON email_undo_tokens (email);
CREATE INDEX email_undo_tokens_expires_at_idx ON email_undo_tokens (expires_at);
CREATE INDEX email_undo_tokens_used_at_idx ON email_undo_tokens (used_at) WHERE used_at IS NOT NULL;
