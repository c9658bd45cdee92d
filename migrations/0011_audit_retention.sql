-- The budget for records that strangers cause, retention, and the archive.

-- 1: a caller without a valid credential caused this record, or it is about a user or token that does not exist; NULL: evidence.
-- The index holds strangers' records only, so a login does not pay for it. A search skips them by it (src/storage/audit-lines.ts).
ALTER TABLE audit ADD COLUMN stranger INTEGER;
CREATE INDEX audit_strangers ON audit (at) WHERE stranger = 1;

-- The parts of the archive whose records were deleted here. A part's object is written before; its row is inserted in the batch
-- that deletes the records, so that a part with a row is whole, and one without is written again under the same number.
CREATE TABLE audit_parts (
  -- `2026-11-28`, UTC.
  day TEXT NOT NULL,
  part INTEGER NOT NULL CHECK (part > 0),
  records INTEGER NOT NULL,
  -- `at` of its first and last record.
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  -- Of the object as stored.
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  archived_at INTEGER NOT NULL,
  PRIMARY KEY (day, part)
) WITHOUT ROWID;

-- One row: how far retention has come. `deleted_before`: the beginning of a day; a record that ended before may be missing here, and
-- none that ended later was deleted. `steps_before` and `addresses_before`: records that ended before are shortened.
CREATE TABLE audit_retention (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  deleted_before INTEGER NOT NULL DEFAULT 0,
  steps_before INTEGER NOT NULL DEFAULT 0,
  addresses_before INTEGER NOT NULL DEFAULT 0,
  -- When the last run ended, and since when and why none could archive; NULL: the last one could.
  ran_at INTEGER,
  failed_since INTEGER,
  failure TEXT
) WITHOUT ROWID;

INSERT INTO audit_retention (id) VALUES (1);
