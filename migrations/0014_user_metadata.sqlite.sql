-- What applications keep with a user (ADR 0040): profile is written by the user, app by
-- administrators. A user without a row has two empty objects. The table is apart from users,
-- because most reads of users need neither.

CREATE TABLE user_metadata (
    user_id    TEXT    NOT NULL PRIMARY KEY CONSTRAINT user_metadata_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    -- JSON objects as text, so that numbers keep their spelling.
    profile    TEXT    NOT NULL,
    app        TEXT    NOT NULL,
    updated_at TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    CONSTRAINT user_metadata_profile_check CHECK (length(CAST(profile AS BLOB)) BETWEEN 2 AND 8192),
    CONSTRAINT user_metadata_app_check CHECK (length(CAST(app AS BLOB)) BETWEEN 2 AND 8192),
    CONSTRAINT user_metadata_version_check CHECK (version >= 1),
    CONSTRAINT user_metadata_times_check CHECK (updated_at LIKE '____-__-__T__:__:__.______Z')
) STRICT;
