-- By what a password is known again stays, so that another one is noticed; whether it may open while
-- the directory is away is said apart from that.
ALTER TABLE kept_passwords ADD COLUMN may_open BOOLEAN NOT NULL DEFAULT TRUE;
