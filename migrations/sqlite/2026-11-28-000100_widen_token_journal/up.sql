-- The journal takes tokens of every protocol; one that came with its password has no session.
CREATE TABLE issued_tokens_wide (
    id TEXT NOT NULL CONSTRAINT issued_tokens_id PRIMARY KEY,
    token_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT,
    domain_id TEXT NOT NULL,
    relying_party_id TEXT NOT NULL,
    protocol TEXT NOT NULL CHECK (protocol IN ('ws_fed', 'saml2', 'ws_trust')),
    signing_key_id TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    events TEXT NOT NULL,
    says_mfa INTEGER NOT NULL CHECK (says_mfa IN (0, 1)),
    client_address TEXT NOT NULL,
    digest BLOB NOT NULL
) STRICT;
INSERT INTO issued_tokens_wide SELECT * FROM issued_tokens;
DROP TABLE issued_tokens;
ALTER TABLE issued_tokens_wide RENAME TO issued_tokens;
CREATE UNIQUE INDEX issued_tokens_token_id ON issued_tokens (token_id);
CREATE INDEX issued_tokens_user_id ON issued_tokens (user_id, issued_at);
