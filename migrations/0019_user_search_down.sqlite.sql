DROP TRIGGER users_address_added;
DROP TRIGGER users_address_changed;
DROP TRIGGER users_address_removed;
DROP TABLE user_address_parts;
DROP TABLE user_addresses;
DROP INDEX users_domain_idx;
