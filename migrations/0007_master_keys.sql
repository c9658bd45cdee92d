-- The master keys that this deployment has known, and which of them seals and signs. No key stands here: an id is a fingerprint.

CREATE TABLE master_keys (
  -- HKDF of the key, 12 hexadecimal digits.
  id TEXT NOT NULL PRIMARY KEY,
  -- The id, sealed with the key under the identity `master-key:<id>`: proves that a configured key is this one.
  check_value TEXT NOT NULL,
  -- When an isolate first had it configured.
  first_seen INTEGER NOT NULL,
  -- When it became the current one; NULL: it never was.
  current_since INTEGER,
  -- Since when nothing is sealed with it; NULL: something may be.
  unused_since INTEGER,
  -- When it was reported as known to somebody else.
  compromised_at INTEGER
) WITHOUT ROWID;

-- The id of the current master key; NULL until the first one is taken.
ALTER TABLE deployment ADD COLUMN master_key TEXT;
