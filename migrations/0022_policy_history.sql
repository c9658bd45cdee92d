-- Each policy as every change left it, so that an administrator sees what was changed and can put it back.
CREATE TABLE policy_history (
  name TEXT NOT NULL,
  -- Of the change, as in `audit.sequence`.
  revision INTEGER NOT NULL,
  -- When; NULL: before this table was made.
  at INTEGER,
  -- The request, as the audit names it; NULL: before this table was made.
  action TEXT,
  administrator TEXT,
  -- The policy as the change left it; NULL: the name has had no policy since.
  body TEXT,
  PRIMARY KEY (name, revision)
) WITHOUT ROWID;
CREATE INDEX policy_history_by_revision ON policy_history (revision, name);
INSERT INTO policy_history (name, revision, body) SELECT name, id, body FROM policies;
