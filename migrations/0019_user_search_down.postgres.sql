DROP INDEX IF EXISTS users_email_parts_idx;
DROP INDEX users_domain_idx;
