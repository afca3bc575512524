-- What people prove themselves with, and the browsers that they have signed in.
CREATE TABLE peppers (
    id TEXT NOT NULL CONSTRAINT peppers_id PRIMARY KEY,
    key BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE credentials (
    user_id TEXT NOT NULL CONSTRAINT credentials_user_id PRIMARY KEY REFERENCES users (id),
    phc TEXT NOT NULL,
    pepper_id TEXT NOT NULL REFERENCES peppers (id),
    must_change_before BIGINT,
    set_at BIGINT NOT NULL
);

CREATE TABLE totp_factors (
    id TEXT NOT NULL CONSTRAINT totp_factors_id PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    secret BYTEA NOT NULL,
    last_step BIGINT,
    confirmed_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX totp_factors_user_id ON totp_factors (user_id);

CREATE TABLE recovery_codes (
    id TEXT NOT NULL CONSTRAINT recovery_codes_id PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    digest BYTEA NOT NULL,
    used_at BIGINT
);
CREATE UNIQUE INDEX recovery_codes_user_id_digest ON recovery_codes (user_id, digest);

CREATE TABLE enrollment_codes (
    user_id TEXT NOT NULL CONSTRAINT enrollment_codes_user_id PRIMARY KEY REFERENCES users (id),
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Who has ever completed an enrolment; a row stays when factors are reset (R033).
CREATE TABLE enrolled_users (
    user_id TEXT NOT NULL CONSTRAINT enrolled_users_user_id PRIMARY KEY REFERENCES users (id)
);

CREATE TABLE sessions (
    id TEXT NOT NULL CONSTRAINT sessions_id PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    audience TEXT NOT NULL CHECK (audience IN ('employee', 'admin')),
    token_digest BYTEA NOT NULL,
    events TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    ended_at BIGINT,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE UNIQUE INDEX sessions_token_digest ON sessions (token_digest);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_last_seen_at ON sessions (last_seen_at);

CREATE TABLE pending_requests (
    id TEXT NOT NULL CONSTRAINT pending_requests_id PRIMARY KEY,
    handle_digest BYTEA NOT NULL,
    browser_digest BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    demand TEXT NOT NULL,
    hint TEXT,
    user_id TEXT REFERENCES users (id),
    events TEXT NOT NULL,
    enrolling TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE UNIQUE INDEX pending_requests_handle_digest ON pending_requests (handle_digest);
CREATE INDEX pending_requests_expires_at ON pending_requests (expires_at);
