-- Lists of people that admins bring along, and what became of each row. They are forgotten when they
-- can't be undone any more.
CREATE TABLE imports (
    id TEXT NOT NULL CONSTRAINT imports_id PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('draft', 'applying', 'applied', 'undoing', 'undone')),
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    terms TEXT NOT NULL,
    done BIGINT NOT NULL,
    until BIGINT NOT NULL
);

-- The files themselves, sealed, for as long as rows of them wait.
CREATE TABLE import_files (
    id TEXT NOT NULL CONSTRAINT import_files_id PRIMARY KEY REFERENCES imports (id),
    content BYTEA NOT NULL
);

CREATE TABLE import_rows (
    import_id TEXT NOT NULL REFERENCES imports (id),
    line BIGINT NOT NULL,
    user_id TEXT REFERENCES users (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('created', 'updated', 'left', 'refused', 'removed', 'blocked', 'put_back', 'kept')),
    trace TEXT NOT NULL,
    at BIGINT NOT NULL,
    handed_out_at BIGINT,
    CONSTRAINT import_rows_line PRIMARY KEY (import_id, line)
);
