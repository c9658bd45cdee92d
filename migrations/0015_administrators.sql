-- API tokens that were logged out, until they expire. `id` is the `nonce` in the token.
CREATE TABLE void_sessions (
  id TEXT NOT NULL PRIMARY KEY,
  valid_until INTEGER NOT NULL
) WITHOUT ROWID;

-- The account of a plugin: `role` is then what a version before gives it.
ALTER TABLE administrators ADD COLUMN plugin INTEGER NOT NULL DEFAULT 0;
-- Whether the administrator signs in by password and phone only. Of the administrator whom the configuration names the
-- deployment has it.
ALTER TABLE administrators ADD COLUMN phone_required INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deployment ADD COLUMN configured_phone_required INTEGER NOT NULL DEFAULT 0;
