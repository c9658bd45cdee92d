-- Addresses that security events are pushed to: docs/webhooks.md.
CREATE TABLE webhooks (
  name TEXT NOT NULL PRIMARY KEY,
  -- Random. What waits in the journal for a webhook that was deleted is not sent to another one of its name.
  id TEXT NOT NULL,
  url TEXT NOT NULL,
  -- The `aud` of its tokens, and their `iss` where PUBLIC_URL is not set.
  audience TEXT NOT NULL,
  issuer TEXT NOT NULL,
  -- JSON list of event types; NULL: all.
  events TEXT,
  -- The service key whose logins it hears of; NULL: it hears of the whole deployment.
  service TEXT,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Keys that sign security event tokens, and nothing else. The one with the latest `signs_from` that has come signs.
CREATE TABLE webhook_keys (
  -- The `kid`: the thumbprint of the public key (RFC 7638).
  id TEXT NOT NULL PRIMARY KEY,
  -- JWK, P-256.
  public_key TEXT NOT NULL,
  -- PKCS#8, sealed under the identity `webhook-key:<id>`.
  private_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  signs_from INTEGER NOT NULL
) WITHOUT ROWID;
