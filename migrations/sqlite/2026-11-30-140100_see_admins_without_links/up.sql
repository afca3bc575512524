-- Who holds a role is never linked: the immutable id that the object carries says who it is. And when
-- everybody's roles were looked at last.
ALTER TABLE tenant_admins ADD COLUMN immutable_id TEXT;
CREATE TABLE role_looks (
    tenant_id TEXT NOT NULL CONSTRAINT role_looks_tenant_id_fkey REFERENCES tenants (id),
    at INTEGER NOT NULL,
    CONSTRAINT role_looks_id PRIMARY KEY (tenant_id)
) STRICT;
