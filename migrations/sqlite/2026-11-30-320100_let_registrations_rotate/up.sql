-- A registration may prove itself with a certificate; its key is sealed in the place of the secret.
ALTER TABLE registrations ADD COLUMN certificate BLOB;

-- The second credential of a registration, while one follows another.
CREATE TABLE registration_credentials (
    id TEXT NOT NULL CONSTRAINT registration_credentials_id PRIMARY KEY REFERENCES registrations (id),
    secret BLOB NOT NULL,
    certificate BLOB,
    ends_at INTEGER,
    added_at INTEGER NOT NULL,
    turn TEXT NOT NULL CHECK (turn IN ('next', 'former'))
) STRICT;
