-- Whom we vouch to, for which domains, with which keys, and every token that left.
CREATE TABLE tenants (
    id TEXT NOT NULL CONSTRAINT tenants_id PRIMARY KEY,
    alias TEXT NOT NULL,
    entra_tenant_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_secret BYTEA NOT NULL,
    secret_expires_at BIGINT,
    cloud TEXT NOT NULL CHECK (cloud IN ('global', 'us_gov', 'us_gov_dod', 'china', 'simulator')),
    login_host TEXT NOT NULL,
    graph_host TEXT NOT NULL,
    writes_stopped BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX tenants_entra_tenant_id ON tenants (entra_tenant_id);

CREATE TABLE federated_domains (
    id TEXT NOT NULL CONSTRAINT federated_domains_id PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    issuer_uri TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    federated_at BIGINT
);
CREATE UNIQUE INDEX federated_domains_name ON federated_domains (name);
CREATE UNIQUE INDEX federated_domains_slug ON federated_domains (slug);
CREATE UNIQUE INDEX federated_domains_issuer_uri ON federated_domains (issuer_uri);

CREATE TABLE relying_parties (
    id TEXT NOT NULL CONSTRAINT relying_parties_id PRIMARY KEY,
    name TEXT NOT NULL,
    realm TEXT NOT NULL,
    replies TEXT NOT NULL,
    domain_id TEXT NOT NULL REFERENCES federated_domains (id),
    enabled BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX relying_parties_domain_id_realm ON relying_parties (domain_id, realm);

CREATE TABLE signing_keys (
    id TEXT NOT NULL CONSTRAINT signing_keys_id PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('next', 'active', 'retired')),
    private_key BYTEA NOT NULL,
    certificate BYTEA NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    published_at BIGINT,
    seen_by_entra_at BIGINT,
    retired_at BIGINT
);
-- One next and one active key at most.
CREATE UNIQUE INDEX signing_keys_state ON signing_keys (state) WHERE state <> 'retired';

-- The journal refers to nothing: it outlives what it names.
CREATE TABLE issued_tokens (
    id TEXT NOT NULL CONSTRAINT issued_tokens_id PRIMARY KEY,
    token_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    relying_party_id TEXT NOT NULL,
    protocol TEXT NOT NULL CHECK (protocol IN ('ws_fed')),
    signing_key_id TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    events TEXT NOT NULL,
    says_mfa BOOLEAN NOT NULL,
    client_address TEXT NOT NULL,
    digest BYTEA NOT NULL
);
CREATE UNIQUE INDEX issued_tokens_token_id ON issued_tokens (token_id);
CREATE INDEX issued_tokens_user_id ON issued_tokens (user_id, issued_at);
