-- What applications keep with a user (ADR 0040): profile is written by the user, app by
-- administrators. A user without a row has two empty objects. The table is apart from users,
-- because most reads of users need neither.

CREATE TABLE user_metadata (
    user_id    uuid        NOT NULL CONSTRAINT user_metadata_pkey PRIMARY KEY CONSTRAINT user_metadata_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    -- JSON objects as text, so that numbers keep their spelling.
    profile    text        NOT NULL,
    app        text        NOT NULL,
    updated_at timestamptz NOT NULL,
    version    bigint      NOT NULL,
    CONSTRAINT user_metadata_profile_check CHECK (octet_length(profile) BETWEEN 2 AND 8192),
    CONSTRAINT user_metadata_app_check CHECK (octet_length(app) BETWEEN 2 AND 8192),
    CONSTRAINT user_metadata_version_check CHECK (version >= 1)
);
