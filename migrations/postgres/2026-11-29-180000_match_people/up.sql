-- What tells which objects of a tenant are whose. The newest look at each tenant's objects, what
-- admins said about people and objects, and what was taken over: which object, whose, and which
-- products it had by then, since those aren't ours to take.
CREATE TABLE tenant_looks (
    tenant_id TEXT NOT NULL CONSTRAINT tenant_looks_tenant_id PRIMARY KEY REFERENCES tenants (id),
    at BIGINT NOT NULL,
    objects TEXT NOT NULL
);

CREATE TABLE match_decisions (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    object_id TEXT NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('accepted', 'rejected')),
    decided_by TEXT NOT NULL REFERENCES users (id),
    decided_at BIGINT NOT NULL,
    CONSTRAINT match_decisions_tenant_id_user_id_object_id
        PRIMARY KEY (tenant_id, user_id, object_id)
);
-- One object for a person, one person for an object.
CREATE UNIQUE INDEX match_decisions_tenant_id_user_id ON match_decisions (tenant_id, user_id)
    WHERE answer = 'accepted';
CREATE UNIQUE INDEX match_decisions_tenant_id_object_id ON match_decisions (tenant_id, object_id)
    WHERE answer = 'accepted';

CREATE TABLE adoptions (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    object_id TEXT NOT NULL,
    found_skus TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT adoptions_tenant_id_object_id PRIMARY KEY (tenant_id, object_id)
);
