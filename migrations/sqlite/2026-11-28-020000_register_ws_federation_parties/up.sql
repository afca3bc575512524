-- Applications that speak WS-Federation are relying parties too.
CREATE TABLE relying_parties_wide (
    id TEXT NOT NULL CONSTRAINT relying_parties_id PRIMARY KEY,
    name TEXT NOT NULL,
    realm TEXT NOT NULL,
    replies TEXT NOT NULL,
    domain_id TEXT NOT NULL REFERENCES federated_domains (id),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    kind TEXT NOT NULL DEFAULT 'microsoft' CHECK (kind IN ('microsoft', 'saml2', 'ws_fed')),
    settings TEXT NOT NULL DEFAULT '{}'
) STRICT;
INSERT INTO relying_parties_wide SELECT * FROM relying_parties;
DROP TABLE relying_parties;
ALTER TABLE relying_parties_wide RENAME TO relying_parties;
CREATE UNIQUE INDEX relying_parties_domain_id_realm ON relying_parties (domain_id, realm);
