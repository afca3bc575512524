-- Objects that held an administrator role in the tenant at the last look, and whether these are kept
-- from signing in by federation.
ALTER TABLE tenants ADD COLUMN admins_kept_out BOOLEAN NOT NULL DEFAULT FALSE;
CREATE TABLE tenant_admins (
    tenant_id TEXT NOT NULL CONSTRAINT tenant_admins_tenant_id_fkey REFERENCES tenants (id),
    object_id TEXT NOT NULL,
    CONSTRAINT tenant_admins_id PRIMARY KEY (tenant_id, object_id)
);
