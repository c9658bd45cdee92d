-- Invitations to enroll a phone, by a one-time page that needs no account. The secret is stored as a hash; `id` is its beginning, so
-- that no index is needed to find an invitation by its secret.
CREATE TABLE invitations (
  id TEXT NOT NULL PRIMARY KEY,
  -- SHA-256 of the secret, in hexadecimal.
  hash TEXT NOT NULL,
  realm TEXT NOT NULL CHECK (realm = lower(realm)),
  login TEXT NOT NULL,
  -- The token that its phone gets. Drawn with the invitation, so that two who open the page enroll the same token.
  serial TEXT NOT NULL,
  note TEXT NOT NULL,
  invited_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- When a QR code was first shown; NULL: never. From then on a token that is gone is not made again.
  begun_at INTEGER
) WITHOUT ROWID;
