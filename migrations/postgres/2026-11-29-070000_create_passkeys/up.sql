-- Passkeys and security keys. The authenticator's id belongs to one person (R039).
CREATE TABLE passkeys (
    id TEXT NOT NULL CONSTRAINT passkeys_id PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    credential_id BYTEA NOT NULL,
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    verifies BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX passkeys_credential_id ON passkeys (credential_id);
CREATE INDEX passkeys_user_id ON passkeys (user_id);

-- Questions to authenticators that wait for their answer, one of a kind per place: the id of a
-- pending request or of a session (R036).
CREATE TABLE passkey_ceremonies (
    place TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sign_in', 'second_factor', 'register', 'step_up')),
    user_id TEXT REFERENCES users (id),
    state TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT passkey_ceremonies_place_kind PRIMARY KEY (place, kind)
);
CREATE INDEX passkey_ceremonies_expires_at ON passkey_ceremonies (expires_at);
