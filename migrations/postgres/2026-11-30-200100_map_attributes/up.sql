-- What of a person reaches Entra, for applications whose rules somebody changed (F071), and what their
-- pseudonyms are made with (F072).
CREATE TABLE attribute_mappings (
    id TEXT NOT NULL PRIMARY KEY REFERENCES applications (id),
    rules TEXT NOT NULL,
    pseudonym_key BYTEA NOT NULL,
    changed_at BIGINT NOT NULL
);
