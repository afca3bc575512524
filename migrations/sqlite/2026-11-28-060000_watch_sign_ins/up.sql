-- How far a log was read, and whether it may be read at all.
ALTER TABLE watches ADD COLUMN allowed INTEGER NOT NULL DEFAULT 1 CHECK (allowed IN (0, 1));
ALTER TABLE watches ADD COLUMN read_until INTEGER;

-- Sign-ins at Entra that no row of the journal explains, so that each raises an alarm once.
CREATE TABLE unexplained_sign_ins (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    entry TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT unexplained_sign_ins_tenant_id_entry PRIMARY KEY (tenant_id, entry)
) STRICT;
