-- The newest rehearsal of each domain: who asked for it, and what was seen so far.
CREATE TABLE rehearsals (
    domain_id TEXT NOT NULL CONSTRAINT rehearsals_domain_id PRIMARY KEY
        REFERENCES federated_domains (id),
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    played_at BIGINT,
    ended_at BIGINT,
    seen TEXT NOT NULL
);
