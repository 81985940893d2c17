-- A database of the Python service (FastAPI, SQLAlchemy, Alembic, passlib) as it would be dumped: PostgreSQL, UUID ids, an enum of roles, times without a zone (UTC).
-- Passwords, in the order of the users: first-legacy-password, second-legacy-password,
-- third-legacy-password, fourth-legacy-password.

CREATE TABLE alembic_version (version_num character varying(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY);
INSERT INTO alembic_version VALUES ('b81e07d5c2aa');

CREATE TYPE userrole AS ENUM ('USER', 'ADMIN', 'MODERATOR');
CREATE TABLE users (
    id uuid DEFAULT gen_random_uuid() NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
    email character varying(320) NOT NULL CONSTRAINT users_email_key UNIQUE,
    password_hash text NOT NULL,
    role userrole DEFAULT 'USER' NOT NULL,
    is_active boolean,
    email_verified boolean,
    created_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'utc'),
    updated_at timestamp without time zone DEFAULT (now() AT TIME ZONE 'utc')
);
CREATE INDEX users_email_verified_idx ON users (email_verified);

CREATE TABLE user_sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL CONSTRAINT user_sessions_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT user_sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    jti character varying(36) NOT NULL CONSTRAINT user_sessions_jti_key UNIQUE,
    created_at timestamp without time zone,
    expires_at timestamp without time zone NOT NULL
);
CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id);

CREATE TABLE password_reset_tokens (
    id uuid NOT NULL CONSTRAINT password_reset_tokens_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT password_reset_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    token_hash character varying(64) NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    used_at timestamp without time zone
);

CREATE TABLE email_verification_tokens (
    id uuid NOT NULL CONSTRAINT email_verification_tokens_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT email_verification_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    token_hash character varying(64) NOT NULL,
    expires_at timestamp without time zone NOT NULL
);

INSERT INTO users (id, email, password_hash, role, is_active, email_verified, created_at, updated_at) VALUES
    ('6f1c1f0e-58a5-4b2e-9d0b-0c6b3a0f4a01', 'Admin@Example.com', '$2b$12$JP5jYbghWgRavuO0XdGsl.E/3ThxeSlXhVr2CAaW8WNOHaeyaj8Vq', 'ADMIN', true, true, '2023-01-15 08:30:00.123456', '2024-01-20 08:00:00'),
    ('a3b7c2d4-1e5f-4a6b-8c7d-9e0f1a2b3c02', 'member@example.com', '$2b$12$Bb0rm9k86WhtPAc9e6fknOjVAlGORykGTxoIerSVXnCaP5JQu1odq', 'MODERATOR', true, true, '2023-02-15 08:30:00.123456', '2024-02-20 08:00:00'),
    ('0d9e8f7a-6b5c-4d3e-2f1a-0b9c8d7e6f03', 'unverified@example.com', '$2b$12$ZgfDliRgOoPL7NkwOlyOmu09HwAdq.rmQwrdpjAweViiQCCRLbwNO', 'USER', true, NULL, '2023-03-15 08:30:00.123456', NULL),
    ('f0e1d2c3-b4a5-4968-8778-695a4b3c2d04', 'disabled@example.com', '$2b$12$n.AcS9aQx9UCn7OgUpsPb.mMfkG51tSP71iCEvximo2WTfQmp6XIq', 'USER', false, true, '2023-04-15 08:30:00.123456', '2024-04-20 08:00:00');
INSERT INTO user_sessions (user_id, jti, created_at, expires_at) VALUES
    ('6f1c1f0e-58a5-4b2e-9d0b-0c6b3a0f4a01', '7d6c5b4a-3f2e-4d1c-8b9a-0f1e2d3c4b5a', '2024-05-01 00:00:00', '2099-01-01 00:00:00');
INSERT INTO password_reset_tokens (id, user_id, token_hash, expires_at) VALUES
    ('11111111-2222-4333-8444-555555555555', 'a3b7c2d4-1e5f-4a6b-8c7d-9e0f1a2b3c02', repeat('c', 64), '2099-01-01 00:00:00');
INSERT INTO email_verification_tokens (id, user_id, token_hash, expires_at) VALUES
    ('11111111-2222-4333-8444-666666666666', '0d9e8f7a-6b5c-4d3e-2f1a-0b9c8d7e6f03', repeat('d', 64), '2099-01-01 00:00:00');
