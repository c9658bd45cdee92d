-- Finds tokens by the beginning of their owner's login, of their serial or of their description, in any case. Indexes only: they are
-- no data, so backups, erasures and restores need not know them. No column of theirs changes with a login, except that a token is
-- listed by its status when it is locked.

-- What keeps the token from letting its owner in, the first of these that applies; NULL: nothing.
ALTER TABLE tokens ADD COLUMN status TEXT GENERATED ALWAYS AS (
  CASE
    WHEN revoked = 1 THEN 'revoked'
    WHEN state = 'clientwait' THEN 'waiting'
    WHEN active = 0 THEN 'disabled'
    WHEN attempts >= max_attempts THEN 'locked'
    WHEN quarantined_at IS NOT NULL THEN 'unreachable'
  END
) VIRTUAL;

-- lower() changes A to Z only; other letters are searched for in both cases.
ALTER TABLE tokens ADD COLUMN login_key TEXT GENERATED ALWAYS AS (lower(login)) VIRTUAL;
ALTER TABLE tokens ADD COLUMN serial_key TEXT GENERATED ALWAYS AS (lower(serial)) VIRTUAL;
ALTER TABLE tokens ADD COLUMN description_key TEXT GENERATED ALWAYS AS (nullif(lower(description), '')) VIRTUAL;

-- All end with the serial, which is the key of the table.
CREATE INDEX tokens_by_login ON tokens (login_key);
CREATE INDEX tokens_by_serial ON tokens (serial_key);
CREATE INDEX tokens_by_description ON tokens (description_key) WHERE description_key IS NOT NULL;
CREATE INDEX tokens_of_realm_by_login ON tokens (realm, login_key);
CREATE INDEX tokens_of_realm_by_serial ON tokens (realm, serial_key);
CREATE INDEX tokens_of_realm_by_description ON tokens (realm, description_key) WHERE description_key IS NOT NULL;

-- Few tokens are in these: those that need somebody to look at them.
CREATE INDEX tokens_of_status_by_login ON tokens (status, login_key) WHERE status IS NOT NULL;
CREATE INDEX tokens_of_status_and_realm_by_login ON tokens (status, realm, login_key) WHERE status IS NOT NULL;
