-- The rules of the sign-in policy as they were at one time: what was published, and at most one draft.
CREATE TABLE policy_versions (
    id TEXT NOT NULL CONSTRAINT policy_versions_id PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published')),
    rules TEXT NOT NULL,
    made_by TEXT REFERENCES users (id),
    made_at BIGINT NOT NULL,
    published_at BIGINT,
    CHECK ((state = 'published') = (published_at IS NOT NULL))
);
CREATE UNIQUE INDEX policy_versions_state ON policy_versions (state) WHERE state = 'draft';
CREATE INDEX policy_versions_published_at ON policy_versions (published_at);
