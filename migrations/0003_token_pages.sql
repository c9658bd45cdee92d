-- Counts for the token list: any page of it, and its length, without reading the tokens before. Serials in order are divided into
-- pages, and pages into chapters; for each the number of tokens by realm and kind is stored. Triggers keep the numbers whoever
-- changes a token. They do not watch the counters, which are copied with every few logins.

-- The sum of assigned 1, active 2, enrolled 4, edupush 8; the list filters by it.
ALTER TABLE tokens ADD COLUMN kind INTEGER GENERATED ALWAYS AS (
  (login IS NOT NULL) + 2 * active + 4 * (state = 'enrolled') + 8 * (type = 'edupush')
) VIRTUAL;

-- Both indexes end with the serial, which is the key of the table. Without them, a page of the few disabled tokens or of a small
-- realm would be searched for among all tokens.
CREATE INDEX tokens_of_kind ON tokens (kind);
CREATE INDEX tokens_of_realm ON tokens (realm, kind);

-- Where pages (level 1) and chapters (level 2) begin; each ends where the next begins. A chapter begins with a page.
CREATE TABLE token_pages (
  level INTEGER NOT NULL CHECK (level IN (1, 2)),
  first TEXT NOT NULL,
  PRIMARY KEY (level, first)
) WITHOUT ROWID;

-- How many tokens of a realm and kind a page or chapter has; the realm '' means all tokens.
CREATE TABLE token_tallies (
  realm TEXT NOT NULL,
  level INTEGER NOT NULL,
  first TEXT NOT NULL,
  kind INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (realm, level, first, kind)
) WITHOUT ROWID;

INSERT INTO token_pages (level, first) VALUES (1, ''), (2, '');

INSERT INTO token_pages (level, first)
SELECT level, serial
FROM (SELECT serial, row_number() OVER (ORDER BY serial) - 1 AS rank FROM tokens),
  (SELECT 1 AS level, 150 AS tokens UNION ALL SELECT 2, 15000) AS levels
WHERE rank > 0 AND rank % levels.tokens = 0;

INSERT INTO token_tallies (realm, level, first, kind, count)
SELECT iif(own, realm, '') AS scope, levels.level,
  (SELECT max(first) FROM token_pages WHERE level = levels.level AND first <= serial) AS page, kind, count(*)
FROM tokens, (SELECT 0 AS own UNION ALL SELECT 1) AS scopes, (SELECT 1 AS level UNION ALL SELECT 2) AS levels
WHERE iif(own, realm, '') IS NOT NULL
GROUP BY scope, levels.level, page, kind;

CREATE TRIGGER token_tallies_end AFTER UPDATE OF count ON token_tallies WHEN NEW.count = 0 BEGIN
  DELETE FROM token_tallies
  WHERE realm = NEW.realm AND level = NEW.level AND first = NEW.first AND kind = NEW.kind;
END;

-- The tokens of a new page were counted in the page before it.
CREATE TRIGGER token_pages_begin AFTER INSERT ON token_pages BEGIN
  INSERT INTO token_tallies (realm, level, first, kind, count)
  SELECT iif(own, realm, '') AS scope, NEW.level, sides.first, kind, sign * count(*)
  FROM tokens, (SELECT 0 AS own UNION ALL SELECT 1) AS scopes, (
    SELECT NEW.first AS first, 1 AS sign
    UNION ALL SELECT max(first), -1 FROM token_pages WHERE level = NEW.level AND first < NEW.first
  ) AS sides
  WHERE serial >= NEW.first
    AND serial < coalesce((SELECT min(first) FROM token_pages WHERE level = NEW.level AND first > NEW.first), '~')
    AND iif(own, realm, '') IS NOT NULL
  GROUP BY scope, sides.first, kind
  ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;

CREATE TRIGGER tokens_added AFTER INSERT ON tokens BEGIN
  INSERT INTO token_tallies (realm, level, first, kind, count)
  SELECT scope, levels.level, (SELECT max(first) FROM token_pages WHERE level = levels.level AND first <= NEW.serial),
    NEW.kind, 1
  FROM (SELECT '' AS scope UNION ALL SELECT NEW.realm) AS scopes, (SELECT 1 AS level UNION ALL SELECT 2) AS levels
  WHERE scope IS NOT NULL
  ON CONFLICT DO UPDATE SET count = count + excluded.count;

  -- A page of more than 200 tokens is split in two.
  INSERT OR IGNORE INTO token_pages (level, first)
  SELECT 1, (SELECT serial FROM tokens WHERE serial >= page.first ORDER BY serial LIMIT 1 OFFSET 100)
  FROM (SELECT max(first) AS first FROM token_pages WHERE level = 1 AND first <= NEW.serial) AS page
  WHERE (SELECT sum(count) FROM token_tallies WHERE realm = '' AND level = 1 AND first = page.first) > 200;

  -- A chapter of more than 20,000 tokens is split in the middle of its pages.
  INSERT OR IGNORE INTO token_pages (level, first)
  SELECT 2, (
    SELECT min(first) FROM (
      SELECT first, ntile(2) OVER (ORDER BY first) AS half FROM token_pages
      WHERE level = 1 AND first > chapter.first AND first < chapter.beyond
    ) WHERE half = 2
  )
  FROM (
    SELECT own.first, coalesce((SELECT min(first) FROM token_pages WHERE level = 2 AND first > own.first), '~') AS beyond
    FROM (SELECT max(first) AS first FROM token_pages WHERE level = 2 AND first <= NEW.serial) AS own
  ) AS chapter
  WHERE (SELECT sum(count) FROM token_tallies WHERE realm = '' AND level = 2 AND first = chapter.first) > 20000;
END;

CREATE TRIGGER tokens_removed AFTER DELETE ON tokens BEGIN
  INSERT INTO token_tallies (realm, level, first, kind, count)
  SELECT scope, levels.level, (SELECT max(first) FROM token_pages WHERE level = levels.level AND first <= OLD.serial),
    OLD.kind, -1
  FROM (SELECT '' AS scope UNION ALL SELECT OLD.realm) AS scopes, (SELECT 1 AS level UNION ALL SELECT 2) AS levels
  WHERE scope IS NOT NULL
  ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;

CREATE TRIGGER tokens_moved AFTER UPDATE OF type, realm, login, state, active ON tokens
WHEN OLD.kind <> NEW.kind OR OLD.realm IS NOT NEW.realm BEGIN
  INSERT INTO token_tallies (realm, level, first, kind, count)
  SELECT scope, levels.level, (SELECT max(first) FROM token_pages WHERE level = levels.level AND first <= NEW.serial), kind, sign
  FROM (
    SELECT '' AS scope, OLD.kind AS kind, -1 AS sign UNION ALL SELECT OLD.realm, OLD.kind, -1
    UNION ALL SELECT '', NEW.kind, 1 UNION ALL SELECT NEW.realm, NEW.kind, 1
  ) AS scopes, (SELECT 1 AS level UNION ALL SELECT 2) AS levels
  WHERE scope IS NOT NULL
  ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;

-- A realm that POST /realm/<realm> created stays when its last user goes.
ALTER TABLE realms ADD COLUMN declared INTEGER NOT NULL DEFAULT 0 CHECK (declared IN (0, 1));
