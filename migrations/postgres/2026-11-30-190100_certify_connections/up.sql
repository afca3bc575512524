-- With a certificate, client_secret holds its key instead of a secret (R132).
ALTER TABLE tenants ADD COLUMN certificate BYTEA;

-- A certificate that was made and is not used yet.
CREATE TABLE prepared_certificates (
    id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    certificate BYTEA NOT NULL,
    private_key BYTEA NOT NULL,
    not_after BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);
