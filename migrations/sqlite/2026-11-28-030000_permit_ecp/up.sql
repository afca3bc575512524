-- A permit may also open the door for old mail programs (SAML 2.0 ECP).
ALTER TABLE wstrust_permits ADD COLUMN ecp INTEGER NOT NULL DEFAULT 0 CHECK (ecp IN (0, 1));
