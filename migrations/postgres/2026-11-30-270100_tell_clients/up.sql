-- Requests that clients brought before they send a browser. They refer to nothing: what they name may
-- go before them.
CREATE TABLE pushed_requests (
    digest BYTEA NOT NULL CONSTRAINT pushed_requests_digest PRIMARY KEY,
    relying_party_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    request TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pushed_requests_relying_party_id ON pushed_requests (relying_party_id, expires_at);

-- Sessions that clients have tokens of and want to hear the end of.
CREATE TABLE client_sessions (
    session_id TEXT NOT NULL,
    relying_party_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    ended_at BIGINT,
    due_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    made_at BIGINT NOT NULL,
    CONSTRAINT client_sessions_id PRIMARY KEY (session_id, relying_party_id)
);
CREATE INDEX client_sessions_user_id ON client_sessions (user_id);
CREATE INDEX client_sessions_due_at ON client_sessions (due_at);
