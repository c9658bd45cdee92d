-- Counts of logins that only rise, for GET /metrics, and keys that may read them and nothing else.

-- All that was ever added up, without the time: `login_counts` loses its rows after 400 days. Written in the same transaction.
CREATE TABLE metric_totals (
  region TEXT NOT NULL,
  service TEXT NOT NULL,
  mode TEXT NOT NULL,
  -- JSON: number by name, as in `login_counts`.
  counts TEXT NOT NULL,
  PRIMARY KEY (region, service, mode)
) WITHOUT ROWID;

-- The same table, with the role `metrics`. A version before refuses a key of a role that it does not know, whatever it asks for.
CREATE TABLE service_keys_next (
  name TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('admin', 'helpdesk', 'validate', 'metrics')),
  created_at INTEGER NOT NULL,
  revoked_at INTEGER,
  expires_at INTEGER,
  last_used_at INTEGER,
  rotated_at INTEGER
) WITHOUT ROWID;
INSERT INTO service_keys_next (name, hash, role, created_at, revoked_at, expires_at, last_used_at, rotated_at)
  SELECT name, hash, role, created_at, revoked_at, expires_at, last_used_at, rotated_at FROM service_keys;
DROP TABLE service_keys;
ALTER TABLE service_keys_next RENAME TO service_keys;
