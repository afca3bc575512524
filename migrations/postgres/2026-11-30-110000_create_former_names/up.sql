-- Sign-in names that people had before: their account in the tenant is called so until it follows, and
-- what was written down about them stays theirs.
CREATE TABLE former_names (
    user_id TEXT NOT NULL REFERENCES users (id),
    upn_fold TEXT NOT NULL,
    given_up_at BIGINT NOT NULL,
    followed BOOLEAN NOT NULL,
    CONSTRAINT former_names_key PRIMARY KEY (user_id, upn_fold)
);
