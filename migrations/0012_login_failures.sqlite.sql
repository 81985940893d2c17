-- Wrong passwords in a row, of addresses with and without an account, of devices and
-- of sessions.
CREATE TABLE login_failures (
    -- A keyed hash of the address or identifier: nothing in plain.
    key        BLOB    NOT NULL PRIMARY KEY,
    failures   INTEGER NOT NULL,
    -- When the failures last locked the address.
    locked_at  TEXT,
    -- When the count is over.
    expires_at TEXT    NOT NULL,
    CONSTRAINT login_failures_key_check CHECK (length(key) = 32),
    CONSTRAINT login_failures_failures_check CHECK (failures >= 1),
    CONSTRAINT login_failures_times_check CHECK (
        expires_at LIKE '____-__-__T__:__:__.______Z' AND (locked_at IS NULL OR locked_at LIKE '____-__-__T__:__:__.______Z')
    )
) STRICT;

CREATE INDEX login_failures_expires_at_idx ON login_failures (expires_at);
