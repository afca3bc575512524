-- How far a log was read, and whether it may be read at all.
ALTER TABLE watches ADD COLUMN allowed BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE watches ADD COLUMN read_until BIGINT;

-- Sign-ins at Entra that no row of the journal explains, so that each raises an alarm once.
CREATE TABLE unexplained_sign_ins (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    entry TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT unexplained_sign_ins_tenant_id_entry PRIMARY KEY (tenant_id, entry)
);
