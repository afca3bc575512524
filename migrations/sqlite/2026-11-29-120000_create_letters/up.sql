-- Mail that waits to be taken by the mail server. What it says is sealed: it may hold a link that
-- works once.
CREATE TABLE letters (
    id TEXT NOT NULL CONSTRAINT letters_id PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL
) STRICT;
CREATE INDEX letters_due_at ON letters (due_at);

-- Links by which people choose a new password, one a person. What they rest on is the password, the
-- factors and the address of their person at the time: when one changes, the link is void (R041).
CREATE TABLE reset_links (
    user_id TEXT NOT NULL CONSTRAINT reset_links_user_id PRIMARY KEY REFERENCES users (id),
    digest BLOB NOT NULL,
    basis BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX reset_links_digest ON reset_links (digest);
