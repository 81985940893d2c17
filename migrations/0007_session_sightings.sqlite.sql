-- Which refresh token rotated last, and whether a client has used the newest one.

-- The generation that rotated last. It counts while predecessor_of is the row's
-- generation. Releases before this step rotate without writing it; then the
-- predecessor is the generation before.
ALTER TABLE user_sessions ADD COLUMN predecessor INTEGER NOT NULL DEFAULT 0
    CONSTRAINT user_sessions_predecessor_check CHECK (predecessor >= 0);
ALTER TABLE user_sessions ADD COLUMN predecessor_of INTEGER NOT NULL DEFAULT 0
    CONSTRAINT user_sessions_predecessor_of_check CHECK (predecessor < predecessor_of OR predecessor_of = 0);

-- The newest generation that a client was seen with; 0 for none.
ALTER TABLE user_sessions ADD COLUMN seen_generation INTEGER NOT NULL DEFAULT 0;
