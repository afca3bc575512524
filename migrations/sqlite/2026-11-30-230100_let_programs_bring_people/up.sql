-- Other systems that bring people and groups over SCIM.
CREATE TABLE programs (
    id TEXT NOT NULL CONSTRAINT programs_id PRIMARY KEY,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL CONSTRAINT programs_name_fold UNIQUE,
    brings_groups INTEGER NOT NULL CHECK (brings_groups IN (0, 1)),
    removal TEXT NOT NULL CHECK (removal IN ('block', 'keep')),
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    last_at INTEGER,
    last_did TEXT NOT NULL,
    held_at INTEGER,
    let_on_at INTEGER,
    let_on_for INTEGER
) STRICT;

-- What they prove themselves with: digests alone.
CREATE TABLE program_tokens (
    id TEXT NOT NULL CONSTRAINT program_tokens_id PRIMARY KEY,
    program_id TEXT NOT NULL REFERENCES programs (id),
    digest BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX program_tokens_program_id ON program_tokens (program_id);

-- Which person or group was brought by which of them, and what it did to them. Nobody is brought twice.
CREATE TABLE program_bindings (
    id TEXT NOT NULL CONSTRAINT program_bindings_id PRIMARY KEY,
    program_id TEXT NOT NULL REFERENCES programs (id),
    kind TEXT NOT NULL CHECK (kind IN ('person', 'group')),
    external_id TEXT,
    bound_at INTEGER NOT NULL,
    gone_at INTEGER,
    blocked_at INTEGER,
    lost_at INTEGER
) STRICT;
CREATE UNIQUE INDEX program_bindings_external_id ON program_bindings (program_id, kind, external_id);
CREATE INDEX program_bindings_lost_at ON program_bindings (program_id, lost_at);

-- Whether a name was somebody's before is asked for every new one.
CREATE INDEX former_names_upn_fold ON former_names (upn_fold);
