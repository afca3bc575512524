-- Password hashes that people brought along from another system: without a pepper in them, so sealed,
-- and gone with the first right password. The id is the person's.
CREATE TABLE imported_hashes (
    id TEXT NOT NULL CONSTRAINT imported_hashes_id PRIMARY KEY REFERENCES users (id),
    hash BLOB NOT NULL,
    set_at INTEGER NOT NULL
) STRICT;
