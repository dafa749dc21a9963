-- Documents and the log. Instants are milliseconds since the Unix epoch. UUIDs and hashes are blobs.

CREATE TABLE documents (
    work_order BLOB PRIMARY KEY,
    seq INTEGER NOT NULL,           -- of its last change
    changed_at INTEGER NOT NULL,    -- when the last change was received
    heads BLOB NOT NULL,            -- 32 bytes each, sorted
    digest BLOB NOT NULL,           -- 16 bytes, over id and heads
    bytes BLOB NOT NULL             -- not compressed
) STRICT;

-- The log: append-only, numbered without gaps in commit order. A commit has a number for each change, or one when work
-- orders only moved between scopes.
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY,
    work_order BLOB NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    action BLOB NOT NULL,
    device BLOB,                    -- NULL: the server's own
    received_at INTEGER NOT NULL,
    bytes BLOB                      -- NULL: only in the document, after some weeks
) STRICT;
CREATE INDEX changes_of_order ON changes (work_order, seq);
CREATE INDEX changes_with_bytes ON changes (received_at, seq) WHERE bytes IS NOT NULL;

-- What a log that was restored from a backup has differently: a hash over everything up to the end of each commit.
CREATE TABLE commits (seq INTEGER PRIMARY KEY, running BLOB NOT NULL) STRICT;

-- Which work orders a phone gets. Who has left stays as a tombstone.
CREATE TABLE scopes (
    scope TEXT NOT NULL,
    work_order BLOB NOT NULL,
    first_entered INTEGER NOT NULL, -- the number at which it first entered
    entered INTEGER NOT NULL,       -- at which it last entered
    left_at INTEGER,                -- at which it left; NULL: it is in
    moved INTEGER NOT NULL,         -- at which it last entered, changed or left
    expires_at INTEGER,             -- the instant at which it leaves by itself
    PRIMARY KEY (scope, work_order)
) STRICT, WITHOUT ROWID;
CREATE INDEX scopes_moved ON scopes (scope, moved);
CREATE INDEX scopes_of_order ON scopes (work_order);
CREATE INDEX scopes_expiring ON scopes (expires_at) WHERE left_at IS NULL AND expires_at IS NOT NULL;

-- The sum of the digests of all documents in a scope, modulo 2^128.
CREATE TABLE scope_sums (scope TEXT PRIMARY KEY, sum BLOB NOT NULL) STRICT, WITHOUT ROWID;
