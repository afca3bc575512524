-- Where alarms are sent besides mail (one row at most), and what waits or was sent there lately.
CREATE TABLE webhooks (
    id TEXT NOT NULL CONSTRAINT webhooks_id PRIMARY KEY CHECK (id = 'alarms'),
    url TEXT NOT NULL,
    secret BLOB NOT NULL,
    set_by TEXT NOT NULL REFERENCES users (id),
    set_at INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL CONSTRAINT webhook_deliveries_id PRIMARY KEY,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    due_at INTEGER,
    taken_at INTEGER,
    answer TEXT NOT NULL
) STRICT;
CREATE INDEX webhook_deliveries_due_at ON webhook_deliveries (due_at);
