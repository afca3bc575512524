-- What the limiters remember. `key` is built by the limiter and means nothing here.
CREATE TABLE guess_counters (
    key TEXT NOT NULL CONSTRAINT guess_counters_key PRIMARY KEY,
    failures BIGINT NOT NULL CHECK (failures >= 0),
    window_began_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX guess_counters_last_at ON guess_counters (last_at);

CREATE TABLE known_devices (
    user_id TEXT NOT NULL REFERENCES users (id),
    digest BYTEA NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT known_devices_user_id_digest PRIMARY KEY (user_id, digest)
);

CREATE TABLE known_addresses (
    user_id TEXT NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT known_addresses_user_id_address PRIMARY KEY (user_id, address)
);
