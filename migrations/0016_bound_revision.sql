-- The revision that last let the token's phone log its owner in: its registration, its being enabled, or its assignment. "Not me"
-- undoes exactly that change. NULL: before this column was there.
ALTER TABLE tokens ADD COLUMN bound_revision INTEGER;
