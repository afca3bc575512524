-- People and their groups. A person's row is never deleted: it keeps the immutable id from being
-- given again. `upn_fold` is null once somebody is deleted, so that the name can be given again.
CREATE TABLE users (
    id TEXT NOT NULL CONSTRAINT users_id PRIMARY KEY,
    upn TEXT NOT NULL,
    upn_fold TEXT,
    immutable_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'blocked', 'deleted')),
    profile TEXT NOT NULL,
    role TEXT CHECK (role IN ('auditor', 'help_desk', 'user_admin', 'security_admin', 'owner')),
    search_fold TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_upn_fold ON users (upn_fold);
CREATE UNIQUE INDEX users_immutable_id ON users (immutable_id);

CREATE TABLE groups (
    id TEXT NOT NULL CONSTRAINT groups_id PRIMARY KEY,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL
);
CREATE UNIQUE INDEX groups_name_fold ON groups (name_fold);

CREATE TABLE group_members (
    group_id TEXT NOT NULL REFERENCES groups (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    CONSTRAINT group_members_group_id_user_id PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user_id ON group_members (user_id);
