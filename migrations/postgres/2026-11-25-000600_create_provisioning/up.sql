-- What we know of Entra, and the work that is to be done there.
CREATE TABLE entra_links (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    object_id TEXT NOT NULL,
    CONSTRAINT entra_links_tenant_id_user_id PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX entra_links_user_id ON entra_links (user_id);
CREATE UNIQUE INDEX entra_links_tenant_id_object_id ON entra_links (tenant_id, object_id);

CREATE TABLE subscribed_skus (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    sku_id TEXT NOT NULL,
    sku_part_number TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    consumed BIGINT NOT NULL,
    usable BOOLEAN NOT NULL,
    service_plans TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT subscribed_skus_tenant_id_sku_id PRIMARY KEY (tenant_id, sku_id)
);

-- One waiting row per tenant and scope. Asking again gives the row a new id, so that whoever works
-- on the old request can't tick off the new one.
CREATE TABLE outbox (
    id TEXT NOT NULL CONSTRAINT outbox_id PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    scope TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX outbox_tenant_id_scope ON outbox (tenant_id, scope);
CREATE INDEX outbox_due_at ON outbox (due_at);

-- A row stays when its lease is released: the fence never runs backwards.
CREATE TABLE leases (
    name TEXT NOT NULL CONSTRAINT leases_name PRIMARY KEY,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE sync_runs (
    id TEXT NOT NULL CONSTRAINT sync_runs_id PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    scope TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('preview', 'needs_approval', 'running', 'finished', 'stopped')),
    plan_hash TEXT NOT NULL,
    conflicts TEXT NOT NULL,
    wanted BIGINT,
    reason TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    started_by TEXT NOT NULL,
    approved_by TEXT REFERENCES users (id),
    approved_at BIGINT
);
CREATE INDEX sync_runs_tenant_id ON sync_runs (tenant_id, started_at);

CREATE TABLE sync_steps (
    id TEXT NOT NULL CONSTRAINT sync_steps_id PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES sync_runs (id),
    seq BIGINT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    action TEXT NOT NULL,
    step TEXT NOT NULL,
    destructive BOOLEAN NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('planned', 'sending', 'done', 'skipped', 'failed')),
    detail TEXT NOT NULL,
    at BIGINT
);
CREATE UNIQUE INDEX sync_steps_run_id_seq ON sync_steps (run_id, seq);
CREATE INDEX sync_steps_outcome ON sync_steps (outcome, at);
CREATE INDEX sync_steps_action ON sync_steps (action, user_id);
