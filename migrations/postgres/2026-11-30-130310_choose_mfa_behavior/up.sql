-- Who does the second factor that Microsoft demands, as an admin planned it for a domain.
ALTER TABLE federated_domains ADD COLUMN mfa_behavior TEXT NOT NULL DEFAULT 'accept'
    CHECK (mfa_behavior IN ('accept', 'enforce', 'reject'));
