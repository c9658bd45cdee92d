-- Evidence that the audit is whole: docs/audit-format.md. No statement here touches an existing record, and a login writes no row
-- more, but for its share of a link.

-- From the salt the salts of the record's fields are derived. After a field was erased: JSON with the salts of the others and the
-- commitment to what was erased. NULL: a record from before the chain.
ALTER TABLE audit ADD COLUMN salt TEXT;
-- Records of the shards `catalogue` and `bypass`, which SQL writes, are numbered without a gap. NULL for all others.
ALTER TABLE audit ADD COLUMN number INTEGER;
-- How long the request took, in milliseconds.
ALTER TABLE audit ADD COLUMN duration INTEGER;
-- Names of the policies that decided, with commas between.
ALTER TABLE audit ADD COLUMN policies TEXT;
-- What a change of policies or settings changed: JSON with `before` and `after`.
ALTER TABLE audit ADD COLUMN change TEXT;

-- Partial: a login's record is not in it.
CREATE INDEX audit_numbered ON audit (shard, number) WHERE number IS NOT NULL;

ALTER TABLE deployment ADD COLUMN catalogue_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deployment ADD COLUMN bypass_number INTEGER NOT NULL DEFAULT 0;

-- One link for each hand-over of a shard's records.
CREATE TABLE audit_chain (
  shard TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- The positions of its first and last record (`number`, or else `sequence`), and how many there are.
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  -- The least and greatest `at` of its records.
  oldest INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  -- JSON: position and hash of each record.
  records TEXT NOT NULL,
  -- The hash of the link before; empty for the first.
  previous TEXT NOT NULL,
  -- `<number>.<hash>` of a later link that the shard had handed over and that the database no longer had: it was restored, or cut.
  lost TEXT,
  hash TEXT NOT NULL,
  PRIMARY KEY (shard, number)
) WITHOUT ROWID;

-- Keys that sign heads, and nothing else.
CREATE TABLE audit_keys (
  id TEXT NOT NULL PRIMARY KEY,
  -- JWK, P-256.
  public_key TEXT NOT NULL,
  -- PKCS#8, sealed under the identity `audit-key:<id>`.
  private_key TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- One signed head for each day.
CREATE TABLE audit_heads (
  at INTEGER NOT NULL PRIMARY KEY,
  jws TEXT NOT NULL,
  sent_at INTEGER,
  archived_at INTEGER
) WITHOUT ROWID;
