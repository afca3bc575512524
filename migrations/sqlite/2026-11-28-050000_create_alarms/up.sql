-- What needs an admin, from when it was first seen until it ended. The cause says it all; its kind
-- stands beside it so that one subject has at most one open alarm of each.
CREATE TABLE alarms (
    id TEXT NOT NULL CONSTRAINT alarms_id PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    cause TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    ended_at INTEGER,
    acknowledged_by TEXT,
    acknowledged_at INTEGER,
    CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX alarms_kind_subject ON alarms (kind, subject) WHERE ended_at IS NULL;
CREATE INDEX alarms_ended_at ON alarms (ended_at);

-- When each thing was last looked at by itself, and what stood in the way.
CREATE TABLE watches (
    kind TEXT NOT NULL CHECK (kind IN ('round', 'federation', 'sign_ins')),
    subject TEXT NOT NULL,
    tried_at INTEGER NOT NULL,
    trouble TEXT,
    CONSTRAINT watches_kind_subject PRIMARY KEY (kind, subject)
) STRICT;
