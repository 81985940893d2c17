-- Counts of the rate limits, shared by all replicas. They may be lost with the
-- server, so the table is not logged: nobody waits for the disk at the commit of
-- a transaction that wrote to unlogged tables only.
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
