-- The people of each tenant as the newest look at them found them, a row each, so that a page of a long
-- list costs a page. A look is written in portions and counts from the moment that it is whole.
CREATE TABLE account_looks (
    tenant_id TEXT NOT NULL CONSTRAINT account_looks_tenant_id PRIMARY KEY REFERENCES tenants (id),
    look_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    found INTEGER NOT NULL,
    domains TEXT NOT NULL
) STRICT;

CREATE TABLE seen_accounts (
    look_id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    upn_fold TEXT NOT NULL,
    search_fold TEXT NOT NULL,
    domain TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'guest', 'administrator', 'synchronised', 'own')),
    enabled INTEGER NOT NULL,
    licensed INTEGER NOT NULL,
    account TEXT NOT NULL,
    CONSTRAINT seen_accounts_look_id_object_id PRIMARY KEY (look_id, object_id)
) STRICT;
CREATE INDEX seen_accounts_look_id_upn_fold ON seen_accounts (look_id, upn_fold, object_id);

-- By what each of them is found: addresses and immutable ids.
CREATE TABLE seen_addresses (
    look_id TEXT NOT NULL,
    address TEXT NOT NULL,
    object_id TEXT NOT NULL,
    CONSTRAINT seen_addresses_look_id_address_object_id PRIMARY KEY (look_id, address, object_id)
) STRICT;
CREATE INDEX seen_addresses_look_id_object_id ON seen_addresses (look_id, object_id);

-- Whose mail address it is, without looking at everybody.
ALTER TABLE users ADD COLUMN mail_fold TEXT;
UPDATE users SET mail_fold = lower(trim(json_extract(profile, '$.mail')));
CREATE INDEX users_mail_fold ON users (mail_fold);
