-- The newest look at each thing at Microsoft: what was seen, and what stood in the way of the last try.
CREATE TABLE looks (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    tried_at BIGINT NOT NULL,
    trouble TEXT,
    seen_at BIGINT,
    seen TEXT,
    CONSTRAINT looks_kind_subject PRIMARY KEY (kind, subject)
);
