-- Directories that check passwords for us, and whose.
CREATE TABLE directories (
    id TEXT NOT NULL CONSTRAINT directories_id PRIMARY KEY,
    name TEXT NOT NULL CONSTRAINT directories_name UNIQUE,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    encryption TEXT NOT NULL CHECK (encryption IN ('tls', 'start_tls')),
    authority TEXT NOT NULL,
    account TEXT NOT NULL,
    password BLOB NOT NULL,
    base TEXT NOT NULL,
    filter TEXT NOT NULL,
    keep_days INTEGER NOT NULL,
    help TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- Everybody of a domain, but for whom it is said otherwise.
CREATE TABLE directory_domains (
    domain TEXT NOT NULL CONSTRAINT directory_domains_domain PRIMARY KEY,
    directory_id TEXT NOT NULL REFERENCES directories (id)
) STRICT;
CREATE INDEX directory_domains_directory_id ON directory_domains (directory_id);

-- One person; without a directory: checked here, whatever their domain has.
CREATE TABLE delegations (
    user_id TEXT NOT NULL CONSTRAINT delegations_user_id PRIMARY KEY REFERENCES users (id),
    directory_id TEXT REFERENCES directories (id)
) STRICT;
CREATE INDEX delegations_directory_id ON delegations (directory_id);

-- What is remembered of a password that a directory found right; the id is the person's.
CREATE TABLE kept_passwords (
    id TEXT NOT NULL CONSTRAINT kept_passwords_id PRIMARY KEY REFERENCES users (id),
    directory_id TEXT NOT NULL REFERENCES directories (id),
    since INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    verifier BLOB NOT NULL
) STRICT;
CREATE INDEX kept_passwords_directory_id ON kept_passwords (directory_id);
