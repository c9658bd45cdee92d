-- Counts of logins for reports. A login writes no row for them: its counts are in the link of the audit's chain that its record came
-- with, and housekeeping adds them up here, once an hour.

-- The counts of the link's records that the audit did not have before, added up: JSON, a list of
-- `[hour, service, mode, {name: number}]`. NULL: none. No part of the link's hash.
ALTER TABLE audit_chain ADD COLUMN counts TEXT;

CREATE TABLE login_counts (
  -- 'hour', or 'day' for hours that are older than eight days.
  span TEXT NOT NULL CHECK (span IN ('hour', 'day')),
  -- When it begins, UTC.
  at INTEGER NOT NULL,
  -- The region of the shard that counted; empty for a bypass code.
  region TEXT NOT NULL,
  -- Name of the service key; empty: none.
  service TEXT NOT NULL,
  -- How the phone was asked; empty where none was.
  mode TEXT NOT NULL,
  -- JSON: number by name. docs/storage.md lists the names.
  counts TEXT NOT NULL,
  PRIMARY KEY (span, at, region, service, mode)
) WITHOUT ROWID;

-- The last link of each shard whose counts are in `login_counts`.
CREATE TABLE login_count_cursors (
  shard TEXT NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO login_count_cursors (shard, number) SELECT shard, max(number) FROM audit_chain GROUP BY shard;
