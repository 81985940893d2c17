-- Counts of the rate limits, shared by all replicas. They may be lost when the
-- server crashes, so the table is not logged: a transaction that wrote to unlogged
-- tables only commits without waiting for the disk.
CREATE UNLOGGED TABLE rate_limits (
    -- A hash of the limit and of what it counts: no address in plain.
    key bytea NOT NULL,
    -- When the quota is whole again, in nanoseconds since 1970.
    value bigint NOT NULL,
    -- When the row no longer matters.
    expires_at timestamptz NOT NULL,
    CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);

CREATE INDEX rate_limits_expires_at_idx ON rate_limits (expires_at);
