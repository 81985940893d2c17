-- A database of the Python service (FastAPI, SQLAlchemy, Alembic, passlib) as it would be dumped: SQLite, UUIDs as CHAR(32), roles as text.
-- Passwords, in the order of the users: first-legacy-password, second-legacy-password,
-- third-legacy-password, fourth-legacy-password.

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES ('b81e07d5c2aa');

CREATE TABLE users (
    id CHAR(32) NOT NULL,
    email VARCHAR(320) NOT NULL,
    password_hash VARCHAR NOT NULL,
    role VARCHAR(9) NOT NULL,
    is_active BOOLEAN,
    email_verified BOOLEAN,
    created_at DATETIME,
    updated_at DATETIME,
    PRIMARY KEY (id),
    CONSTRAINT userrole CHECK (role IN ('user', 'admin', 'moderator')),
    UNIQUE (email)
);
CREATE INDEX users_email_verified_idx ON users (email_verified);

CREATE TABLE user_sessions (
    id CHAR(32) NOT NULL,
    user_id CHAR(32) NOT NULL,
    jti VARCHAR(36) NOT NULL,
    expires_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix_user_sessions_jti ON user_sessions (jti);

CREATE TABLE password_reset_tokens (
    id CHAR(32) NOT NULL,
    user_id CHAR(32) NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    expires_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE email_verification_tokens (
    id CHAR(32) NOT NULL,
    user_id CHAR(32) NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    expires_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

INSERT INTO users (id, email, password_hash, role, is_active, email_verified, created_at, updated_at) VALUES
    ('6f1c1f0e58a54b2e9d0b0c6b3a0f4a01', 'Admin@Example.com', '$2b$12$w9b8UJ8sPHT/bSszE6kbzOiDaJsIggDqcnaVLC3Kgkqy7IvGiiK8W', 'admin', 1, 1, '2023-01-15 08:30:00.123456', '2024-01-20 08:00:00.000000'),
    ('a3b7c2d41e5f4a6b8c7d9e0f1a2b3c02', 'member@example.com', '$2b$12$.xlBRsOgtJ3khlXbRbYPJO4gPIPeEOJCmWL3xQvzcADJHk1by/si.', 'moderator', 1, 1, '2023-02-15 08:30:00.123456', '2024-02-20 08:00:00.000000'),
    ('0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f03', 'unverified@example.com', '$2b$12$F9rTJ0RqwrK2dgnij8gheelY7So8L4aDuf4fm6IVdUX9urw6o5zVq', 'user', 1, NULL, '2023-03-15 08:30:00.123456', NULL),
    ('f0e1d2c3b4a549688778695a4b3c2d04', 'disabled@example.com', '$2b$12$ahwjWRXqjd3DF3LTwJPHGOSt57JOK4DNLATXGAdN5Ps/ZjkggycCK', 'user', 0, 1, '2023-04-15 08:30:00.123456', '2024-04-20 08:00:00.000000');
INSERT INTO user_sessions (id, user_id, jti, expires_at) VALUES
    ('7d6c5b4a3f2e4d1c8b9a0f1e2d3c4b5a', '6f1c1f0e58a54b2e9d0b0c6b3a0f4a01', '0f1e2d3c-4b5a-4d1c-8b9a-7d6c5b4a3f2e', '2099-01-01 00:00:00.000000');
INSERT INTO password_reset_tokens (id, user_id, token_hash, expires_at) VALUES
    ('11111111222243338444555555555555', 'a3b7c2d41e5f4a6b8c7d9e0f1a2b3c02', 'cccccccccccccccccccccccccccccccc', '2099-01-01 00:00:00.000000');
INSERT INTO email_verification_tokens (id, user_id, token_hash, expires_at) VALUES
    ('11111111222243338444666666666666', '0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f03', 'dddddddddddddddddddddddddddddddd', '2099-01-01 00:00:00.000000');
