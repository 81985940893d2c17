-- Which refresh token rotated last, and whether a client has used the newest one.
-- The columns change the catalog only: PostgreSQL rewrites no row and scans none.

ALTER TABLE user_sessions
    -- The generation that rotated last. It counts while predecessor_of is the
    -- row's generation. Releases before this step rotate without writing it;
    -- then the predecessor is the generation before.
    ADD COLUMN predecessor     bigint NOT NULL DEFAULT 0,
    ADD COLUMN predecessor_of  bigint NOT NULL DEFAULT 0,
    -- The newest generation that a client was seen with; 0 for none.
    ADD COLUMN seen_generation bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT user_sessions_predecessor_check CHECK (predecessor >= 0 AND (predecessor < predecessor_of OR predecessor_of = 0)) NOT VALID;
