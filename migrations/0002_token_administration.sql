-- What administrators set of a token, beside what it was enrolled with.

-- When it got its owner; of a token that has lost its owner, when it last had one given.
ALTER TABLE tokens ADD COLUMN assigned_at INTEGER;
UPDATE tokens SET assigned_at = created_at WHERE login IS NOT NULL;

-- The revision that took away what logins before it were opened on: the owner, the PIN, the phone, or the token's being
-- enabled. Such a login finishes no more, whatever the token's state is by then.
ALTER TABLE tokens ADD COLUMN void_before INTEGER;

-- How often it may be used, in all and with success; NULL: as often as one likes.
ALTER TABLE tokens ADD COLUMN max_uses INTEGER CHECK (max_uses > 0);
ALTER TABLE tokens ADD COLUMN max_successes INTEGER CHECK (max_successes > 0);
-- The failed attempts of all time: a copy of the Phone's own, as `attempts` is. With the successes they are its uses.
ALTER TABLE tokens ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);

-- Realms a token is listed in beside its owner's.
CREATE TABLE token_realms (
  serial TEXT NOT NULL,
  realm TEXT NOT NULL CHECK (realm = lower(realm)),
  PRIMARY KEY (serial, realm)
) WITHOUT ROWID;

-- What administrators and their scripts have noted of a token; no key is one of Nod's own.
CREATE TABLE token_info (
  serial TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (serial, key)
) WITHOUT ROWID;
