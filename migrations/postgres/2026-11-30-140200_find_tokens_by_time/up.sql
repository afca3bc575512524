-- What was issued in the last days, of whomever.
CREATE INDEX issued_tokens_issued_at ON issued_tokens (issued_at);
