-- What an admin wants of the accounts of a tenant, while the import is a draft.
CREATE TABLE account_ticks (
    import_id TEXT NOT NULL REFERENCES imports (id),
    object_id TEXT NOT NULL,
    sync BOOLEAN NOT NULL,
    sso BOOLEAN NOT NULL,
    choice TEXT NOT NULL,
    CONSTRAINT account_ticks_import_id_object_id PRIMARY KEY (import_id, object_id)
);

-- Accounts that are somebody's and that provisioning leaves alone, and, without a person, those that
-- nobody is to be made of.
CREATE TABLE account_bindings (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    object_id TEXT NOT NULL,
    user_id TEXT REFERENCES users (id),
    CONSTRAINT account_bindings_tenant_id_object_id PRIMARY KEY (tenant_id, object_id)
);
CREATE UNIQUE INDEX account_bindings_tenant_id_user_id ON account_bindings (tenant_id, user_id);
