-- The newest pre-flight of each domain: how the tenant stood, and what each check found.
CREATE TABLE preflights (
    domain_id TEXT NOT NULL CONSTRAINT preflights_domain_id PRIMARY KEY
        REFERENCES federated_domains (id),
    at BIGINT NOT NULL,
    state TEXT NOT NULL,
    findings TEXT NOT NULL
);
