-- App registrations at Microsoft through which people sign in here.
CREATE TABLE registrations (
    id TEXT NOT NULL CONSTRAINT registrations_id PRIMARY KEY,
    alias TEXT NOT NULL,
    alias_fold TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_secret BLOB NOT NULL,
    secret_expires_at INTEGER,
    cloud TEXT NOT NULL CHECK (cloud IN ('global', 'us_gov', 'us_gov_dod', 'china', 'simulator')),
    login_host TEXT NOT NULL,
    graph_host TEXT NOT NULL,
    tenants TEXT NOT NULL,
    trusted TEXT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX registrations_alias_fold ON registrations (alias_fold);

-- Microsoft accounts that people linked: an account belongs to one person.
CREATE TABLE microsoft_accounts (
    id TEXT NOT NULL CONSTRAINT microsoft_accounts_id PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    tenant TEXT NOT NULL,
    object TEXT NOT NULL,
    name TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE UNIQUE INDEX microsoft_accounts_tenant_object ON microsoft_accounts (tenant, object);
CREATE INDEX microsoft_accounts_user_id ON microsoft_accounts (user_id);

-- Browsers that are at Microsoft to sign in: digests alone.
CREATE TABLE microsoft_rounds (
    id TEXT NOT NULL CONSTRAINT microsoft_rounds_id PRIMARY KEY,
    state_digest BLOB NOT NULL CONSTRAINT microsoft_rounds_state_digest UNIQUE,
    browser_digest BLOB NOT NULL,
    registration_id TEXT NOT NULL,
    errand TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX microsoft_rounds_browser_digest ON microsoft_rounds (browser_digest);
CREATE INDEX microsoft_rounds_expires_at ON microsoft_rounds (expires_at);
