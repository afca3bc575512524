-- Lists of people that admins bring along, and what became of each row. They are forgotten when they
-- can't be undone any more.
CREATE TABLE imports (
    id TEXT NOT NULL CONSTRAINT imports_id PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('draft', 'applying', 'applied', 'undoing', 'undone')),
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    terms TEXT NOT NULL,
    done INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;

-- The files themselves, sealed, for as long as rows of them wait.
CREATE TABLE import_files (
    id TEXT NOT NULL CONSTRAINT import_files_id PRIMARY KEY REFERENCES imports (id),
    content BLOB NOT NULL
) STRICT;

CREATE TABLE import_rows (
    import_id TEXT NOT NULL REFERENCES imports (id),
    line INTEGER NOT NULL,
    user_id TEXT REFERENCES users (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('created', 'updated', 'left', 'refused', 'removed', 'blocked', 'put_back', 'kept')),
    trace TEXT NOT NULL,
    at INTEGER NOT NULL,
    handed_out_at INTEGER,
    CONSTRAINT import_rows_line PRIMARY KEY (import_id, line)
) STRICT;
