-- What each token said and why; tokens from before have it unsaid.
ALTER TABLE issued_tokens ADD COLUMN claims TEXT NOT NULL DEFAULT '[]';
