-- Whether push reaches a phone. No index: a login finds its tokens by owner, and the report reads all tokens.

-- Since when FCM cannot deliver to this registration token, and why. Nothing is sent to it until the phone sends one.
ALTER TABLE tokens ADD COLUMN quarantined_at INTEGER;
ALTER TABLE tokens ADD COLUMN quarantine_cause TEXT;
-- What the app said of itself when it last registered, replaced its registration token or answered a finalized login:
-- `privacyIDEA-App/4.8.0`, `Android/14`, `["decline_reason"]`.
ALTER TABLE tokens ADD COLUMN app TEXT;
ALTER TABLE tokens ADD COLUMN system TEXT;
ALTER TABLE tokens ADD COLUMN capabilities TEXT CHECK (json_valid(capabilities));

-- Set when a service key is revoked. The row stays until all logins the key opened are withdrawn.
ALTER TABLE service_keys ADD COLUMN revoked_at INTEGER;
