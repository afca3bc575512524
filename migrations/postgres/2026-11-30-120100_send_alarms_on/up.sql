-- Where alarms are sent besides mail (one row at most), and what waits or was sent there lately.
CREATE TABLE webhooks (
    id TEXT NOT NULL CONSTRAINT webhooks_id PRIMARY KEY CHECK (id = 'alarms'),
    url TEXT NOT NULL,
    secret BYTEA NOT NULL,
    set_by TEXT NOT NULL REFERENCES users (id),
    set_at BIGINT NOT NULL
);

CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL CONSTRAINT webhook_deliveries_id PRIMARY KEY,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    due_at BIGINT,
    taken_at BIGINT,
    answer TEXT NOT NULL
);
CREATE INDEX webhook_deliveries_due_at ON webhook_deliveries (due_at);
