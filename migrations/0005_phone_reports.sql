-- What is known of reaching a phone. No index: a login finds its tokens by owner, and the report reads them all.

-- Since when, and why, FCM reaches nobody at this registration token: nothing is sent to it until the phone names another.
ALTER TABLE tokens ADD COLUMN quarantined_at INTEGER;
ALTER TABLE tokens ADD COLUMN quarantine_cause TEXT;
-- The app as it named itself when it last registered, replaced its registration token or finished a login:
-- `privacyIDEA-App/4.8.0`, `Android/14`, `["decline_reason"]`.
ALTER TABLE tokens ADD COLUMN app TEXT;
ALTER TABLE tokens ADD COLUMN system TEXT;
ALTER TABLE tokens ADD COLUMN capabilities TEXT CHECK (json_valid(capabilities));

-- A service key lets nobody in from now on; its row stays until all that it opened is known to be withdrawn.
ALTER TABLE service_keys ADD COLUMN revoked_at INTEGER;
