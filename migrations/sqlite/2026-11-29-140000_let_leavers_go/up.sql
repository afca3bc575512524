-- What deleting an account rests on: where a linked object comes from, since when it is in Entra's
-- bin, since when somebody is blocked here, and whose account is under a legal hold.
ALTER TABLE entra_links ADD COLUMN origin TEXT NOT NULL DEFAULT 'found'
    CHECK (origin IN ('made', 'found'));
ALTER TABLE entra_links ADD COLUMN deleted_at INTEGER;
-- Links from before: ours where the journal has its creation, and no object was joined since.
UPDATE entra_links SET origin = 'made'
WHERE EXISTS (
    SELECT 1 FROM sync_steps JOIN sync_runs ON sync_runs.id = sync_steps.run_id
    WHERE sync_runs.tenant_id = entra_links.tenant_id AND sync_steps.user_id = entra_links.user_id
        AND sync_steps.action = 'create' AND sync_steps.outcome = 'done'
) AND NOT EXISTS (
    SELECT 1 FROM sync_steps JOIN sync_runs ON sync_runs.id = sync_steps.run_id
    WHERE sync_runs.tenant_id = entra_links.tenant_id AND sync_steps.user_id = entra_links.user_id
        AND sync_steps.action = 'link'
);

CREATE TABLE blocked_users (
    user_id TEXT NOT NULL CONSTRAINT blocked_users_user_id PRIMARY KEY REFERENCES users (id),
    since INTEGER NOT NULL
) STRICT;
-- Their last change is not before their block.
INSERT INTO blocked_users (user_id, since) SELECT id, updated_at FROM users WHERE state = 'blocked';

-- The newest hold of each person; older ones are in the audit log.
CREATE TABLE legal_holds (
    user_id TEXT NOT NULL CONSTRAINT legal_holds_user_id PRIMARY KEY REFERENCES users (id),
    reason TEXT NOT NULL,
    placed_by TEXT NOT NULL REFERENCES users (id),
    placed_at INTEGER NOT NULL,
    lifted_at INTEGER
) STRICT;
