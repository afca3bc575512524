-- Passkeys and security keys. The authenticator's id belongs to one person (R039).
CREATE TABLE passkeys (
    id TEXT NOT NULL CONSTRAINT passkeys_id PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    credential_id BLOB NOT NULL,
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    verifies INTEGER NOT NULL CHECK (verifies IN (0, 1)),
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE UNIQUE INDEX passkeys_credential_id ON passkeys (credential_id);
CREATE INDEX passkeys_user_id ON passkeys (user_id);

-- Questions to authenticators that wait for their answer, one of a kind per place: the id of a
-- pending request or of a session (R036).
CREATE TABLE passkey_ceremonies (
    place TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sign_in', 'second_factor', 'register', 'step_up')),
    user_id TEXT REFERENCES users (id),
    state TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT passkey_ceremonies_place_kind PRIMARY KEY (place, kind)
) STRICT;
CREATE INDEX passkey_ceremonies_expires_at ON passkey_ceremonies (expires_at);
