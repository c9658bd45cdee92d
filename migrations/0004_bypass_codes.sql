-- A code lets its user in once without a phone. Each user has at most one, until it is used, withdrawn, replaced, or deleted
-- after it has expired. It belongs to the user, not to a token.
CREATE TABLE bypass_codes (
  realm TEXT NOT NULL CHECK (realm = lower(realm)),
  login TEXT NOT NULL CHECK (login <> ''),
  -- The revision that issued it: unique, never reused. The API names it by this.
  id INTEGER NOT NULL,
  -- SHA-256 of user and code; the code itself is shown once and not stored.
  hash TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL CHECK (expires_at > issued_at),
  issued_by TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason <> ''),
  PRIMARY KEY (realm, login)
) WITHOUT ROWID;
