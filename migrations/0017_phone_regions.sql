-- The region where the object of a token's phone was made: a location hint of Durable Objects, of the phone's first registration.
-- NULL: no phone has registered, or a version before this column made the object.
ALTER TABLE tokens ADD COLUMN home TEXT;
-- The region that most requests of the phone came from lately. NULL: unknown.
ALTER TABLE tokens ADD COLUMN seen TEXT;

-- How many phones live in a region, by the region that their requests come from; '' stands for unknown. Only triggers write it.
CREATE TABLE phone_regions (
  home TEXT NOT NULL,
  seen TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (home, seen)
) WITHOUT ROWID;

INSERT INTO phone_regions (home, seen, count)
SELECT '', '', count(*) FROM tokens WHERE phone_key IS NOT NULL HAVING count(*) > 0;

-- A copy of a phone's counters names `seen`, and mostly does not change it: then this writes nothing.
CREATE TRIGGER phone_regions_changed AFTER UPDATE OF home, seen, phone_key ON tokens
WHEN OLD.home IS NOT NEW.home OR OLD.seen IS NOT NEW.seen OR (OLD.phone_key IS NULL) <> (NEW.phone_key IS NULL) BEGIN
  INSERT INTO phone_regions (home, seen, count)
  SELECT coalesce(OLD.home, ''), coalesce(OLD.seen, ''), -1 WHERE OLD.phone_key IS NOT NULL
  ON CONFLICT DO UPDATE SET count = count + excluded.count;
  INSERT INTO phone_regions (home, seen, count)
  SELECT coalesce(NEW.home, ''), coalesce(NEW.seen, ''), 1 WHERE NEW.phone_key IS NOT NULL
  ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;

CREATE TRIGGER phone_regions_added AFTER INSERT ON tokens WHEN NEW.phone_key IS NOT NULL BEGIN
  INSERT INTO phone_regions (home, seen, count) VALUES (coalesce(NEW.home, ''), coalesce(NEW.seen, ''), 1)
  ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;

CREATE TRIGGER phone_regions_removed AFTER DELETE ON tokens WHEN OLD.phone_key IS NOT NULL BEGIN
  INSERT INTO phone_regions (home, seen, count) VALUES (coalesce(OLD.home, ''), coalesce(OLD.seen, ''), -1)
  ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;

-- How often the phone's object was moved: object number n, behind the first, has the name `<serial>/n`.
ALTER TABLE tokens ADD COLUMN object_number INTEGER NOT NULL DEFAULT 0 CHECK (object_number >= 0);
-- Phones whose requests come from another region than their object is in.
CREATE INDEX tokens_elsewhere ON tokens (serial) WHERE home IS NOT NULL AND seen IS NOT NULL AND seen <> home;

-- The jurisdiction that the deployment's objects are in: 'eu', 'us', 'fedramp', or 'none'. NULL: not chosen yet, in a new database.
ALTER TABLE deployment ADD COLUMN jurisdiction TEXT CHECK (jurisdiction IN ('none', 'eu', 'us', 'fedramp'));
UPDATE deployment SET jurisdiction = 'none' WHERE master_key IS NOT NULL;
