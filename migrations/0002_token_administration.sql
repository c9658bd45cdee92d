-- Fields of a token that administrators set.

-- When it last got an owner; stays when the owner is removed.
ALTER TABLE tokens ADD COLUMN assigned_at INTEGER;
UPDATE tokens SET assigned_at = created_at WHERE login IS NOT NULL;

-- The revision at which it last lost its owner, PIN or phone, or was disabled. A login opened before cannot be finalized,
-- whatever state the token has by then.
ALTER TABLE tokens ADD COLUMN void_before INTEGER;

-- How often it may be used, in all and with success; NULL: no limit.
ALTER TABLE tokens ADD COLUMN max_uses INTEGER CHECK (max_uses > 0);
ALTER TABLE tokens ADD COLUMN max_successes INTEGER CHECK (max_successes > 0);
-- All failed attempts: a copy of the phone object's counter, like `attempts`. With the successes they are its uses.
ALTER TABLE tokens ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);

-- Realms that list a token beside its owner's.
CREATE TABLE token_realms (
  serial TEXT NOT NULL,
  realm TEXT NOT NULL CHECK (realm = lower(realm)),
  PRIMARY KEY (serial, realm)
) WITHOUT ROWID;

-- Info entries that administrators set; no key is one of Nod's own.
CREATE TABLE token_info (
  serial TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (serial, key)
) WITHOUT ROWID;
