-- Clients of OpenID Connect are relying parties too; what a sign-in there gives them has a table.
ALTER TABLE relying_parties DROP CONSTRAINT relying_parties_kind_check;
ALTER TABLE relying_parties ADD CONSTRAINT relying_parties_kind_check
    CHECK (kind IN ('microsoft', 'saml2', 'ws_fed', 'oidc'));
ALTER TABLE issued_tokens DROP CONSTRAINT issued_tokens_protocol_check;
ALTER TABLE issued_tokens ADD CONSTRAINT issued_tokens_protocol_check
    CHECK (protocol IN ('ws_fed', 'saml2', 'ws_trust', 'oidc'));

-- It refers to nothing: what it names may go before it.
CREATE TABLE oidc_grants (
    id TEXT NOT NULL CONSTRAINT oidc_grants_id PRIMARY KEY,
    code_digest BYTEA NOT NULL,
    relying_party_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    browser TEXT NOT NULL,
    reply TEXT NOT NULL,
    terms TEXT NOT NULL,
    code_expires_at BIGINT NOT NULL,
    used_at BIGINT,
    access_digest BYTEA,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX oidc_grants_code_digest ON oidc_grants (code_digest);
CREATE UNIQUE INDEX oidc_grants_access_digest ON oidc_grants (access_digest);
CREATE INDEX oidc_grants_expires_at ON oidc_grants (expires_at);
