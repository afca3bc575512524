-- Applications and who may use them. Ended assignments stay: licences follow after the grace time.
CREATE TABLE applications (
    id TEXT NOT NULL CONSTRAINT applications_id PRIMARY KEY,
    name TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    settings TEXT NOT NULL
) STRICT;
-- One application provisions a tenant.
CREATE UNIQUE INDEX applications_tenant_id ON applications (tenant_id);

CREATE TABLE assignments (
    id TEXT NOT NULL CONSTRAINT assignments_id PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    application_id TEXT NOT NULL REFERENCES applications (id),
    licences TEXT NOT NULL,
    assigned_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
-- One live assignment of a person to an application.
CREATE UNIQUE INDEX assignments_user_id_application_id ON assignments (user_id, application_id)
    WHERE ended_at IS NULL;
CREATE INDEX assignments_application_id ON assignments (application_id, user_id, assigned_at);
