-- What an admin says of an object holds for it as it was called then. Of what was said before this
-- there is no name, and it is to be confirmed again.
ALTER TABLE match_decisions ADD COLUMN upn TEXT NOT NULL DEFAULT '';
