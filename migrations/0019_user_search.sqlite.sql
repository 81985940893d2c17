-- Users by the domain of their address, and by a part of it.

CREATE INDEX users_domain_idx ON users (substr(email, instr(email, '@') + 1), created_at, id);

-- The addresses with numbers of their own: those of users may change with a VACUUM.
CREATE TABLE user_addresses (
    number  INTEGER NOT NULL PRIMARY KEY,
    user_id TEXT    NOT NULL CONSTRAINT user_addresses_user_id_key UNIQUE,
    email   TEXT    NOT NULL
) STRICT;
CREATE VIRTUAL TABLE user_address_parts USING fts5(email, content = 'user_addresses', content_rowid = 'number', tokenize = 'trigram');
-- The pieces of an address that is removed are removed at once. They would otherwise stay in the
-- index, marked as removed, until it is merged.
INSERT INTO user_address_parts (user_address_parts, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER user_addresses_added AFTER INSERT ON user_addresses BEGIN
    INSERT INTO user_address_parts (rowid, email) VALUES (NEW.number, NEW.email);
END;
CREATE TRIGGER user_addresses_removed AFTER DELETE ON user_addresses BEGIN
    INSERT INTO user_address_parts (user_address_parts, rowid, email) VALUES ('delete', OLD.number, OLD.email);
END;

CREATE TRIGGER users_address_added AFTER INSERT ON users BEGIN
    INSERT INTO user_addresses (user_id, email) VALUES (NEW.id, NEW.email);
END;
CREATE TRIGGER users_address_changed AFTER UPDATE OF email ON users WHEN NEW.email IS NOT OLD.email BEGIN
    DELETE FROM user_addresses WHERE user_id = OLD.id;
    INSERT INTO user_addresses (user_id, email) VALUES (NEW.id, NEW.email);
END;
CREATE TRIGGER users_address_removed AFTER DELETE ON users BEGIN
    DELETE FROM user_addresses WHERE user_id = OLD.id;
END;
INSERT INTO user_addresses (user_id, email) SELECT id, email FROM users;
