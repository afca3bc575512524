-- Browsers in which a person is not asked for a second factor for some days (R056): digests alone.
CREATE TABLE remembered_devices (
    id TEXT NOT NULL CONSTRAINT remembered_devices_id PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    series_digest BYTEA NOT NULL CONSTRAINT remembered_devices_series_digest UNIQUE,
    secret_digest BYTEA NOT NULL,
    former_digest BYTEA,
    basis BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX remembered_devices_user_id ON remembered_devices (user_id);

-- A sign-in under way carries the wish; a session knows which browser it rests on.
ALTER TABLE pending_requests ADD COLUMN remember BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sessions ADD COLUMN remembered_device TEXT;
