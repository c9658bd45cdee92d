-- Keys that sign API tokens. The one without `retired_at` signs new ones; a retired key verifies those it signed until they expire.
CREATE TABLE api_token_keys (
  -- The `kid` of the API tokens that it signs.
  id TEXT NOT NULL PRIMARY KEY,
  -- 32 random bytes, sealed under the identity `api-token-key:<id>`.
  secret TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- No API token that it signed is valid later.
  tokens_valid_until INTEGER NOT NULL DEFAULT 0,
  retired_at INTEGER
) WITHOUT ROWID;

-- An administrator's generation is random text from now on, so that none is ever used twice. The column keeps its type, which
-- stores such text as it is.
UPDATE administrators SET generation = 'g' || lower(hex(randomblob(12)));

-- A service key may end by itself, and tells when it was last used (within an hour).
ALTER TABLE service_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE service_keys ADD COLUMN last_used_at INTEGER;
-- When `hash` replaced the secret before; NULL: never.
ALTER TABLE service_keys ADD COLUMN rotated_at INTEGER;

-- Earlier secrets of service keys, each valid until `valid_until` at the latest.
CREATE TABLE service_key_secrets (
  hash TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  valid_until INTEGER NOT NULL,
  last_used_at INTEGER
) WITHOUT ROWID;

-- Ids of signing keys that were deleted. None is used again, and no token is enrolled with one.
CREATE TABLE deleted_signing_keys (
  id TEXT NOT NULL PRIMARY KEY,
  deleted_at INTEGER NOT NULL
) WITHOUT ROWID;
