-- A database of the Python service (FastAPI, SQLAlchemy, Alembic, passlib) as it would be dumped: SQLite, integer ids.
-- Passwords, in the order of the users: first-legacy-password, second-legacy-password,
-- third-legacy-password, fourth-legacy-password.

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES ('3f2a9c1d7b64');

CREATE TABLE users (
    id INTEGER NOT NULL,
    email VARCHAR(255) NOT NULL,
    hashed_password VARCHAR(255) NOT NULL,
    is_active BOOLEAN NOT NULL,
    is_verified BOOLEAN NOT NULL,
    is_admin BOOLEAN,
    created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL,
    updated_at DATETIME,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE INDEX "users_created_at_idx" ON users (created_at);

CREATE TABLE user_sessions (
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    refresh_token VARCHAR(512) NOT NULL,
    expires_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    UNIQUE (refresh_token)
);
CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id);

CREATE TABLE password_reset_tokens (
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    token VARCHAR(255) NOT NULL,
    expires_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE email_verification_tokens (
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    token VARCHAR(255) NOT NULL,
    expires_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

INSERT INTO users (id, email, hashed_password, is_active, is_verified, is_admin, created_at, updated_at) VALUES
    (1, 'Admin@Example.com', '$2b$12$ztOVnIBrnEKEcxUUNBTcxO2Yth9cmpUks5mQiJnoPR6hZBkMHqmMK', 1, 1, 1, '2023-01-15 08:30:00.123456', '2024-01-20 08:00:00.000000'),
    (2, 'member@example.com', '$2b$12$9vN8CuJ0/5Vx0PTpcYarm.hwSTpMr80dPiodyYcmKNUCZkwmWtZUK', 1, 1, 0, '2023-02-15 08:30:00.123456', '2024-02-20 08:00:00.000000'),
    (5, 'unverified@example.com', '$2b$12$2BUeaSErxreN4ohyx4OyBu5CAU1KVlj6nfjMyiiWjR8jPd/pbpSTK', 1, 0, NULL, '2023-03-15 08:30:00.123456', NULL),
    (7, 'disabled@example.com', '$2b$12$dd3o0iFi5dmZKgenrxi38./5AMuwjm86G8PR1FvuuIf8pQ8l5Td.2', 0, 1, 0, '2023-04-15 08:30:00.123456', '2024-04-20 08:00:00.000000');
INSERT INTO user_sessions (user_id, refresh_token, expires_at) VALUES (1, 'old-refresh-token', '2099-01-01 00:00:00.000000');
INSERT INTO password_reset_tokens (user_id, token, expires_at) VALUES (2, 'old-reset-token', '2099-01-01 00:00:00.000000');
INSERT INTO email_verification_tokens (user_id, token, expires_at) VALUES (5, 'old-verification-token', '2099-01-01 00:00:00.000000');
