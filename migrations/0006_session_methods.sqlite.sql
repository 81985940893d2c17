-- How the user of a session proved the sign-in, and when.

-- Names of methods as in RFC 8176, separated by spaces. The default covers
-- sessions of releases that knew passwords only. The check is on the form and
-- not the list, so that a release with a new method needs no step.
ALTER TABLE user_sessions ADD COLUMN methods TEXT NOT NULL DEFAULT 'pwd'
    CONSTRAINT user_sessions_methods_check CHECK (
        length(methods) > 0 AND methods NOT GLOB '*[^a-z0-9_ ]*'
        AND methods = trim(methods) AND methods NOT LIKE '%  %'
    );

-- Null means created_at: releases without this column leave it out.
ALTER TABLE user_sessions ADD COLUMN authenticated_at TEXT
    CONSTRAINT user_sessions_authenticated_at_check CHECK (authenticated_at LIKE '____-__-__T__:__:__.______Z');
