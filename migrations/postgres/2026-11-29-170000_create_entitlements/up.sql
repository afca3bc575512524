-- Why somebody is assigned: a product list given to a person, or to a group and so to each of its
-- members. `assignments` is what follows from these rows, one live row a person.
CREATE TABLE entitlements (
    id TEXT NOT NULL CONSTRAINT entitlements_id PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES applications (id),
    user_id TEXT REFERENCES users (id),
    group_id TEXT REFERENCES groups (id),
    licences TEXT NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT entitlements_to_one CHECK ((user_id IS NULL) <> (group_id IS NULL))
);
CREATE UNIQUE INDEX entitlements_user_id_application_id ON entitlements (user_id, application_id);
CREATE UNIQUE INDEX entitlements_group_id_application_id ON entitlements (group_id, application_id);

-- Whoever is assigned now was assigned by themselves.
INSERT INTO entitlements (id, application_id, user_id, group_id, licences, since)
SELECT id, application_id, user_id, NULL, licences, assigned_at
FROM assignments WHERE ended_at IS NULL;
