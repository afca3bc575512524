-- Tenants whose people prove their second factor here although Microsoft asks for the first one, and
-- the hints of theirs that came already (SHA-256 of what was signed).
CREATE TABLE external_mfa (
    tenant_id TEXT NOT NULL CONSTRAINT external_mfa_tenant_id PRIMARY KEY REFERENCES tenants (id),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    app_id TEXT,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE used_hints (
    digest BLOB NOT NULL CONSTRAINT used_hints_digest PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX used_hints_expires_at ON used_hints (expires_at);
