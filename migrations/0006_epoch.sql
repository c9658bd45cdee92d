-- Names the history that the catalogue belongs to, in milliseconds since the epoch. It changes when somebody has put the
-- database back to an earlier state: revisions of two histories say nothing about each other.
ALTER TABLE deployment ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1 CHECK (epoch > 0);
