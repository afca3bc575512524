-- Applications that speak WS-Federation are relying parties too.
ALTER TABLE relying_parties DROP CONSTRAINT relying_parties_kind_check;
ALTER TABLE relying_parties ADD CONSTRAINT relying_parties_kind_check
    CHECK (kind IN ('microsoft', 'saml2', 'ws_fed'));
