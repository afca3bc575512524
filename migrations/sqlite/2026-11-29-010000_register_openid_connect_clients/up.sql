-- Clients of OpenID Connect are relying parties too; what a sign-in there gives them has a table.
CREATE TABLE relying_parties_wide (
    id TEXT NOT NULL CONSTRAINT relying_parties_id PRIMARY KEY,
    name TEXT NOT NULL,
    realm TEXT NOT NULL,
    replies TEXT NOT NULL,
    domain_id TEXT NOT NULL REFERENCES federated_domains (id),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    kind TEXT NOT NULL DEFAULT 'microsoft' CHECK (kind IN ('microsoft', 'saml2', 'ws_fed', 'oidc')),
    settings TEXT NOT NULL DEFAULT '{}'
) STRICT;
INSERT INTO relying_parties_wide SELECT * FROM relying_parties;
DROP TABLE relying_parties;
ALTER TABLE relying_parties_wide RENAME TO relying_parties;
CREATE UNIQUE INDEX relying_parties_domain_id_realm ON relying_parties (domain_id, realm);

CREATE TABLE issued_tokens_wide (
    id TEXT NOT NULL CONSTRAINT issued_tokens_id PRIMARY KEY,
    token_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT,
    domain_id TEXT NOT NULL,
    relying_party_id TEXT NOT NULL,
    protocol TEXT NOT NULL CHECK (protocol IN ('ws_fed', 'saml2', 'ws_trust', 'oidc')),
    signing_key_id TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    events TEXT NOT NULL,
    says_mfa INTEGER NOT NULL CHECK (says_mfa IN (0, 1)),
    client_address TEXT NOT NULL,
    digest BLOB NOT NULL,
    claims TEXT NOT NULL DEFAULT '[]'
) STRICT;
INSERT INTO issued_tokens_wide SELECT * FROM issued_tokens;
DROP TABLE issued_tokens;
ALTER TABLE issued_tokens_wide RENAME TO issued_tokens;
CREATE UNIQUE INDEX issued_tokens_token_id ON issued_tokens (token_id);
CREATE INDEX issued_tokens_user_id ON issued_tokens (user_id, issued_at);

-- It refers to nothing: what it names may go before it.
CREATE TABLE oidc_grants (
    id TEXT NOT NULL CONSTRAINT oidc_grants_id PRIMARY KEY,
    code_digest BLOB NOT NULL,
    relying_party_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    browser TEXT NOT NULL,
    reply TEXT NOT NULL,
    terms TEXT NOT NULL,
    code_expires_at INTEGER NOT NULL,
    used_at INTEGER,
    access_digest BLOB,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX oidc_grants_code_digest ON oidc_grants (code_digest);
CREATE UNIQUE INDEX oidc_grants_access_digest ON oidc_grants (access_digest);
CREATE INDEX oidc_grants_expires_at ON oidc_grants (expires_at);
