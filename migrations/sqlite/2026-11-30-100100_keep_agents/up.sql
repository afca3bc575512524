-- With which program a token was asked for. Tokens from before this do not say.
ALTER TABLE issued_tokens ADD COLUMN client_agent TEXT NOT NULL DEFAULT '';
CREATE INDEX issued_tokens_protocol ON issued_tokens (protocol, issued_at);
