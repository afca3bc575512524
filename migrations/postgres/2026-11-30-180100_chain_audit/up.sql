-- Each row of the log gets a number and the hash of itself and of all before it (R153). Rows are
-- written without either, and get them within seconds.
ALTER TABLE audit_log ADD COLUMN number BIGINT;
ALTER TABLE audit_log ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_log_number ON audit_log (number) WHERE number IS NOT NULL;
CREATE INDEX audit_log_waiting ON audit_log (at, id) WHERE number IS NULL;

-- The end of the chain, signed, with the sealed key that signs it, and what the last check found.
CREATE TABLE audit_chain (
    id TEXT NOT NULL CONSTRAINT audit_chain_id PRIMARY KEY CHECK (id = 'chain'),
    key BYTEA NOT NULL,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    broken_at BIGINT,
    signature TEXT NOT NULL,
    checked_at BIGINT,
    checked_number BIGINT NOT NULL,
    whole_at BIGINT,
    finding TEXT
);

-- Other places that the log is brought to, and up to which row each has it (R155).
CREATE TABLE audit_sinks (
    name TEXT NOT NULL CONSTRAINT audit_sinks_name PRIMARY KEY,
    number BIGINT NOT NULL,
    tried_at BIGINT NOT NULL,
    delivered_at BIGINT,
    failing_since BIGINT,
    trouble TEXT NOT NULL
);
