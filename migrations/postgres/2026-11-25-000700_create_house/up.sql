-- What the house remembers about itself.
CREATE TABLE audit_log (
    id TEXT NOT NULL CONSTRAINT audit_log_id PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_fold TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
    detail TEXT NOT NULL,
    client_address TEXT NOT NULL,
    correlation_id TEXT NOT NULL
);
CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_subject_fold ON audit_log (subject_fold, at);
CREATE INDEX audit_log_kind ON audit_log (kind, at);

CREATE TABLE settings (
    name TEXT NOT NULL CONSTRAINT settings_name PRIMARY KEY,
    value TEXT NOT NULL
);

-- One number that grows with every change that a token must not miss (R095).
CREATE TABLE revision (
    id BIGINT NOT NULL CONSTRAINT revision_id PRIMARY KEY CHECK (id = 1),
    value BIGINT NOT NULL
);
INSERT INTO revision (id, value) VALUES (1, 0);

-- Sealed at the first start, opened at every later one (R134).
CREATE TABLE seal_canary (
    id TEXT NOT NULL CONSTRAINT seal_canary_id PRIMARY KEY,
    canary BYTEA NOT NULL
);
