-- What a request asked of the sign-in. Tokens from before this do not say.
ALTER TABLE issued_tokens ADD COLUMN asked TEXT NOT NULL DEFAULT '';
