-- When the owner last heard of a sign-in from a device that the account did not know; NULL
-- before the first time. The column changes the catalog only.
ALTER TABLE users ADD COLUMN new_device_at timestamptz;
