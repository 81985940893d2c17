-- A database of the Python service (FastAPI, SQLAlchemy, Alembic, passlib) as it would be dumped: PostgreSQL, integer ids, times with a zone.
-- Passwords, in the order of the users: first-legacy-password, second-legacy-password,
-- third-legacy-password, fourth-legacy-password.

CREATE TABLE alembic_version (version_num character varying(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY);
INSERT INTO alembic_version VALUES ('3f2a9c1d7b64');

CREATE TABLE users (
    id SERIAL NOT NULL,
    email character varying(255) NOT NULL,
    hashed_password character varying(255) NOT NULL,
    full_name character varying(255),
    is_active boolean DEFAULT true NOT NULL,
    is_verified boolean DEFAULT false NOT NULL,
    is_superuser boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone,
    CONSTRAINT users_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE INDEX ix_users_id ON users (id);
CREATE INDEX users_created_at_idx ON users (created_at);

CREATE TABLE user_sessions (
    id SERIAL NOT NULL,
    user_id integer NOT NULL,
    refresh_token_hash character varying(64) NOT NULL,
    user_agent character varying(512),
    ip_address character varying(45),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked boolean DEFAULT false NOT NULL,
    CONSTRAINT user_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT user_sessions_refresh_token_hash_key UNIQUE (refresh_token_hash),
    CONSTRAINT user_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_user_sessions_user_id ON user_sessions (user_id);

CREATE TABLE password_reset_tokens (
    id SERIAL NOT NULL,
    user_id integer NOT NULL,
    token character varying(255) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used boolean DEFAULT false NOT NULL,
    CONSTRAINT password_reset_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT password_reset_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix_password_reset_tokens_token ON password_reset_tokens (token);

CREATE TABLE email_verification_tokens (
    id SERIAL NOT NULL,
    user_id integer NOT NULL,
    token character varying(255) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT email_verification_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT email_verification_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix_email_verification_tokens_token ON email_verification_tokens (token);

INSERT INTO users (id, email, hashed_password, full_name, is_active, is_verified, is_superuser, created_at, updated_at) VALUES
    (1, 'Admin@Example.com', '$2b$12$f29rysyzi8yZzdmburwfiOpK9x3UbupehpSw/d.HiXy5hmDwlSfkW', 'User 1', true, true, true, '2023-01-15 10:30:00.123456+02', '2024-01-20 08:00:00+00'),
    (2, 'member@example.com', '$2b$12$lbijZ6sa0G32weQOd2dU7ulQXJJYO05tALO2Tr0vfTJTiAo4SDk9.', 'User 2', true, true, false, '2023-02-15 10:30:00.123456+02', '2024-02-20 08:00:00+00'),
    (5, 'unverified@example.com', '$2b$12$9UILIZQoMXPmNkV30zSn4uWg/V3vbM6d5ms8Ye3xNpjVRM/46w0SG', 'User 3', true, false, false, '2023-03-15 10:30:00.123456+02', NULL),
    (7, 'disabled@example.com', '$2b$12$catY6D4A1IGVO71kEsm65.u2iT5FZ0bSYwY5D1.HROCxEQVpS3n/e', 'User 4', false, true, false, '2023-04-15 10:30:00.123456+02', '2024-04-20 08:00:00+00');
SELECT setval('users_id_seq', 7);
INSERT INTO user_sessions (user_id, refresh_token_hash, user_agent, ip_address, expires_at) VALUES
    (1, repeat('a', 64), 'Mozilla/5.0', '192.0.2.10', '2099-01-01 00:00:00+00'),
    (2, repeat('b', 64), NULL, NULL, '2099-01-01 00:00:00+00');
INSERT INTO password_reset_tokens (user_id, token, expires_at) VALUES (2, 'old-reset-token', '2099-01-01 00:00:00+00');
INSERT INTO email_verification_tokens (user_id, token, expires_at) VALUES (5, 'old-verification-token', '2099-01-01 00:00:00+00');
