-- Everything beside documents and the log. Instants are milliseconds since the Unix epoch. UUIDs and hashes are blobs.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- The projection: derived from documents, never the truth.
CREATE TABLE orders (
    work_order BLOB PRIMARY KEY,
    status TEXT NOT NULL,
    closed INTEGER NOT NULL,
    service_code TEXT NOT NULL,
    priority TEXT NOT NULL,
    lat REAL,
    lon REAL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    due INTEGER,
    assignment TEXT,
    view TEXT NOT NULL              -- WorkOrder as JSON
) STRICT;
CREATE INDEX orders_open ON orders (closed, due);
CREATE INDEX orders_place ON orders (lat, lon);

CREATE TABLE requests (
    request BLOB PRIMARY KEY,
    work_order BLOB NOT NULL,
    tracking_number TEXT UNIQUE,
    secret BLOB,                    -- SHA-256 of what opens the tracking page
    source TEXT NOT NULL,
    service_code TEXT NOT NULL,
    requested_at INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_by_time ON requests (requested_at);
CREATE INDEX requests_of_order ON requests (work_order);

CREATE TABLE mirrors (
    system TEXT NOT NULL,
    id TEXT NOT NULL,
    request BLOB NOT NULL,
    PRIMARY KEY (system, id)
) STRICT, WITHOUT ROWID;

-- The only personal data.
CREATE TABLE contacts (
    request BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    notify INTEGER NOT NULL
) STRICT;

CREATE TABLE codes (
    hash BLOB PRIMARY KEY,
    person TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_by BLOB,
    used_at INTEGER
) STRICT;

CREATE TABLE devices (
    device BLOB PRIMARY KEY,
    token BLOB NOT NULL UNIQUE,     -- SHA-256
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
) STRICT;

CREATE TABLE files (
    sha256 TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What work orders say of files, which may arrive before or after. A file that any photo calls its original is never
-- public, whatever another photo calls it.
CREATE TABLE renditions (
    sha256 TEXT NOT NULL,
    work_order BLOB NOT NULL,
    original INTEGER NOT NULL,
    public INTEGER NOT NULL,
    PRIMARY KEY (sha256, work_order, original, public)
) STRICT, WITHOUT ROWID;
