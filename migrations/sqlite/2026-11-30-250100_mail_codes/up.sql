-- Codes that were sent to a mailbox, one a sign-in under way: the newest counts. What is kept of one
-- is worth nothing without the secret of the sign-in, which only its browser has.
CREATE TABLE mailed_codes (
    request_id TEXT NOT NULL CONSTRAINT mailed_codes_request_id PRIMARY KEY,
    user_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
