-- Who needs no second factor for a while, because they have none yet: by an admin's word, or because
-- they put it off themselves.
CREATE TABLE exemptions (
    user_id TEXT NOT NULL CONSTRAINT exemptions_user_id PRIMARY KEY REFERENCES users (id),
    until INTEGER NOT NULL,
    reason TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at INTEGER NOT NULL
) STRICT;

-- The day until which people enrol freely is one word of the campaign now.
INSERT INTO settings (name, value)
SELECT 'enrollment_campaign', '{"closes_at":' || value || '}'
FROM settings WHERE name = 'enrollment_grace_until';
DELETE FROM settings WHERE name = 'enrollment_grace_until';
