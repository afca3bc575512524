-- What a relying party is, and how its tokens and messages look; and which messages were taken.
ALTER TABLE relying_parties ADD COLUMN kind TEXT NOT NULL DEFAULT 'microsoft'
    CHECK (kind IN ('microsoft', 'saml2'));
ALTER TABLE relying_parties ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE federated_domains ADD COLUMN browser_protocol TEXT NOT NULL DEFAULT 'ws_fed'
    CHECK (browser_protocol IN ('ws_fed', 'saml2'));

CREATE TABLE used_messages (
    relying_party_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT used_messages_relying_party_id_message_id PRIMARY KEY (relying_party_id, message_id)
);
CREATE INDEX used_messages_expires_at ON used_messages (expires_at);
