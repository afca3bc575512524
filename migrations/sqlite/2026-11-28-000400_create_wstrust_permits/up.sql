-- Who may sign in by WS-Trust with a password alone, from where, until when: at most one for a domain.
CREATE TABLE wstrust_permits (
    domain_id TEXT NOT NULL CONSTRAINT wstrust_permits_domain_id PRIMARY KEY REFERENCES federated_domains (id),
    networks TEXT NOT NULL,
    user_ids TEXT NOT NULL,
    group_ids TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at INTEGER NOT NULL
) STRICT;
