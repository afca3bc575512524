-- Tenants whose people prove their second factor here although Microsoft asks for the first one, and
-- the hints of theirs that came already (SHA-256 of what was signed).
CREATE TABLE external_mfa (
    tenant_id TEXT NOT NULL CONSTRAINT external_mfa_tenant_id PRIMARY KEY REFERENCES tenants (id),
    enabled BOOLEAN NOT NULL,
    app_id TEXT,
    changed_at BIGINT NOT NULL
);

CREATE TABLE used_hints (
    digest BYTEA NOT NULL CONSTRAINT used_hints_digest PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_hints_expires_at ON used_hints (expires_at);
