-- Each row of the log gets a number and the hash of itself and of all before it (R153). Rows are
-- written without either, and get them within seconds.
ALTER TABLE audit_log ADD COLUMN number INTEGER;
ALTER TABLE audit_log ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_log_number ON audit_log (number) WHERE number IS NOT NULL;
CREATE INDEX audit_log_waiting ON audit_log (at, id) WHERE number IS NULL;

-- The end of the chain, signed, with the sealed key that signs it, and what the last check found.
CREATE TABLE audit_chain (
    id TEXT NOT NULL CONSTRAINT audit_chain_id PRIMARY KEY CHECK (id = 'chain'),
    key BLOB NOT NULL,
    number INTEGER NOT NULL,
    hash TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    broken_at INTEGER,
    signature TEXT NOT NULL,
    checked_at INTEGER,
    checked_number INTEGER NOT NULL,
    whole_at INTEGER,
    finding TEXT
) STRICT;

-- Other places that the log is brought to, and up to which row each has it (R155).
CREATE TABLE audit_sinks (
    name TEXT NOT NULL CONSTRAINT audit_sinks_name PRIMARY KEY,
    number INTEGER NOT NULL,
    tried_at INTEGER NOT NULL,
    delivered_at INTEGER,
    failing_since INTEGER,
    trouble TEXT NOT NULL
) STRICT;
