-- Tokens that came from another server: privacyIDEA or eduMFA.

-- Why no PIN of the token can be compared here. 'upstream': only the server it came from can check it; 'unset': nobody can, until
-- somebody sets one. NULL: it is Nod's own, or there is none. For lists and reports: the sealed value in `pin` says the same, and matches no
-- PIN, also for a version before this column.
ALTER TABLE tokens ADD COLUMN pin_state TEXT CHECK (pin_state IN ('upstream', 'unset'));

-- Each token that was ever imported. The row stays when the token is deleted: it is not imported again then, and the server it came from can be
-- told.
CREATE TABLE imported_tokens (
  serial TEXT NOT NULL PRIMARY KEY,
  source TEXT NOT NULL,
  -- The owner, as they were imported; NULL: none, or erased since.
  realm TEXT,
  login TEXT,
  -- The same user, as the server it came from names them.
  user_id TEXT,
  resolver TEXT,
  imported_at INTEGER NOT NULL,
  -- The token's revision by the import: a higher one was changed here since.
  revision INTEGER NOT NULL,
  -- SHA-256 of what was imported: the same again changes nothing.
  digest TEXT NOT NULL,
  -- JSON: what the other server says of the token, and Nod has no use for.
  kept TEXT CHECK (json_valid(kept))
) WITHOUT ROWID;

-- An imported token has a signing key of its own, `imported:<serial>`, which goes with it.
CREATE TRIGGER imported_signing_key_of_deleted AFTER DELETE ON tokens WHEN OLD.signing_key = 'imported:' || OLD.serial BEGIN
  DELETE FROM signing_keys WHERE id = OLD.signing_key;
END;
CREATE TRIGGER imported_signing_key_replaced AFTER UPDATE OF signing_key ON tokens
WHEN OLD.signing_key = 'imported:' || OLD.serial AND NEW.signing_key IS NOT OLD.signing_key BEGIN
  DELETE FROM signing_keys WHERE id = OLD.signing_key;
END;
