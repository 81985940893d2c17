-- Wrong passwords in a row, of addresses with and without an account, of devices and
-- of sessions. The table is logged: a crash of the server must not end a lock.
CREATE TABLE login_failures (
    -- A keyed hash of the address or identifier: nothing in plain.
    key bytea NOT NULL,
    failures integer NOT NULL,
    -- When the failures last locked the address.
    locked_at timestamptz,
    -- When the count is over.
    expires_at timestamptz NOT NULL,
    CONSTRAINT login_failures_pkey PRIMARY KEY (key),
    CONSTRAINT login_failures_key_check CHECK (length(key) = 32),
    CONSTRAINT login_failures_failures_check CHECK (failures >= 1)
);

CREATE INDEX login_failures_expires_at_idx ON login_failures (expires_at);
