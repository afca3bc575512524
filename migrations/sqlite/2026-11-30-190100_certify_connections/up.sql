-- With a certificate, client_secret holds its key instead of a secret (R132).
ALTER TABLE tenants ADD COLUMN certificate BLOB;

-- A certificate that was made and is not used yet.
CREATE TABLE prepared_certificates (
    id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    certificate BLOB NOT NULL,
    private_key BLOB NOT NULL,
    not_after INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
