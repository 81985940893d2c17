-- When the owner last heard of a sign-in from a device that the account did not know; NULL
-- before the first time.
ALTER TABLE users ADD COLUMN new_device_at TEXT
    CONSTRAINT users_new_device_at_check CHECK (new_device_at LIKE '____-__-__T__:__:__.______Z');
