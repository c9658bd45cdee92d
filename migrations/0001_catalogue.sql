-- Tokens, users, policies, settings, keys and the audit. Times are milliseconds since the epoch.
-- WITHOUT ROWID and few indexes: each index is one more written row to pay for.

-- One row. `revision` grows with every change and is never reused. `settings_revision` is the revision at which policies,
-- settings, realms, users, service keys or administrators last changed.
CREATE TABLE deployment (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  revision INTEGER NOT NULL CHECK (revision > 0),
  settings_revision INTEGER NOT NULL CHECK (settings_revision > 0),
  default_realm TEXT NOT NULL
) WITHOUT ROWID;

INSERT INTO deployment (id, revision, settings_revision, default_realm) VALUES (1, 1, 1, 'defrealm');

CREATE TABLE realms (
  name TEXT NOT NULL PRIMARY KEY CHECK (name <> '' AND name = lower(name))
) WITHOUT ROWID;

INSERT INTO realms (name) VALUES ('defrealm');

CREATE TABLE users (
  realm TEXT NOT NULL CHECK (realm = lower(realm)),
  login TEXT NOT NULL CHECK (login <> ''),
  given_name TEXT NOT NULL DEFAULT '',
  surname TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (realm, login)
) WITHOUT ROWID;

CREATE TABLE tokens (
  serial TEXT NOT NULL PRIMARY KEY
    CHECK (length(serial) BETWEEN 1 AND 40 AND serial NOT GLOB '*[^0-9A-Za-z_-]*'),
  type TEXT NOT NULL CHECK (type IN ('push', 'edupush')),
  revision INTEGER NOT NULL,
  realm TEXT CHECK (realm = lower(realm)),
  login TEXT,
  description TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK (state IN ('clientwait', 'enrolled')),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)),
  firebase TEXT NOT NULL,
  registration_url TEXT NOT NULL,
  registration_token TEXT,
  phone_key TEXT,
  signing_key TEXT,
  pin TEXT,
  polling_allowed INTEGER CHECK (polling_allowed IN (0, 1)),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  max_attempts INTEGER NOT NULL,
  successes INTEGER NOT NULL DEFAULT 0 CHECK (successes >= 0),
  last_use INTEGER,
  valid_from INTEGER,
  valid_until INTEGER,
  created_at INTEGER NOT NULL,
  registered_at INTEGER,
  -- The time the phone signed when it last replaced its registration token.
  refreshed_at INTEGER,
  credential_hash TEXT,
  credential_expires INTEGER,
  -- Digest of the registration that succeeded: the same registration again gets the same reply.
  registration_digest TEXT,
  -- The login that showed the QR code; NULL when an administrator enrolled the token.
  enrollment_transaction TEXT,
  CHECK ((login IS NULL) = (realm IS NULL)),
  CHECK ((credential_hash IS NULL) = (credential_expires IS NULL)),
  CHECK (state = 'clientwait' OR (phone_key IS NOT NULL AND credential_hash IS NULL)),
  CHECK (NOT (revoked AND active))
) WITHOUT ROWID;

CREATE INDEX tokens_of_owner ON tokens (realm, login);

CREATE TABLE signing_keys (
  id TEXT NOT NULL PRIMARY KEY,
  bits INTEGER NOT NULL,
  -- PKCS#8, sealed under the identity `signing-key:<id>`.
  private_key TEXT NOT NULL,
  -- PKCS#1, base64: a phone gets it when it registers.
  public_key TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE policies (
  name TEXT NOT NULL PRIMARY KEY,
  -- The revision that created it: unique, never reused. The API answers with it.
  id INTEGER NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body))
) WITHOUT ROWID;

CREATE TABLE settings (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE service_keys (
  name TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('admin', 'helpdesk', 'validate')),
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- All administrators but the one whom the configuration names.
CREATE TABLE administrators (
  login TEXT NOT NULL PRIMARY KEY CHECK (login <> ''),
  -- PBKDF2-SHA-256, sealed under the identity `administrator:<login>`.
  password TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'helpdesk')),
  -- The revision that last set the password, or disabled or enabled them: an API token with another generation is void.
  generation INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1))
) WITHOUT ROWID;

-- (shard, sequence) names a record. A record's time never changes, so the key may begin with it: a repeated write does
-- nothing, and the table is ordered by time without an index. The shard `catalogue` has the changes by administrators; their
-- sequence is the revision. There are no checks, because a record that cannot be written would block a shard's outbox.
CREATE TABLE audit (
  at INTEGER NOT NULL,
  shard TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  action TEXT NOT NULL,
  success INTEGER NOT NULL,
  authentication TEXT NOT NULL,
  transaction_id TEXT,
  serial TEXT,
  login TEXT,
  realm TEXT,
  administrator TEXT,
  service TEXT,
  address TEXT,
  user_agent TEXT,
  info TEXT,
  count INTEGER,
  steps TEXT,
  PRIMARY KEY (at, shard, sequence)
) WITHOUT ROWID;
