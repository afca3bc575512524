-- The journal takes tokens of every protocol; one that came with its password has no session.
ALTER TABLE issued_tokens ALTER COLUMN session_id DROP NOT NULL;
ALTER TABLE issued_tokens DROP CONSTRAINT issued_tokens_protocol_check;
ALTER TABLE issued_tokens ADD CONSTRAINT issued_tokens_protocol_check
    CHECK (protocol IN ('ws_fed', 'saml2', 'ws_trust'));
