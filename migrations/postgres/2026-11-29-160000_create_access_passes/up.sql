-- Passes that the help desk gives people whose phone or key is not at hand, one a person: each stands
-- in for a second factor, once.
CREATE TABLE access_passes (
    user_id TEXT NOT NULL CONSTRAINT access_passes_user_id PRIMARY KEY REFERENCES users (id),
    digest BYTEA NOT NULL,
    reason TEXT NOT NULL,
    given_by TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
