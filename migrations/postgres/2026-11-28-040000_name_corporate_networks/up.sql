-- The networks from which a token to Microsoft says that the person is inside.
ALTER TABLE federated_domains ADD COLUMN corporate_networks TEXT NOT NULL DEFAULT '[]';
