//! The tables, and how an older database becomes a newer one.
//!
//! `PRAGMA user_version` counts the steps in [`STEPS`]. A step that was released is never changed; the next one follows.

use super::StoreError;
use rusqlite::Connection;

const STEPS: [&str; 6] = [
    "
    -- Session, token, city, cursor, clock: one JSON value each.
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- What the server has accepted. The current document is this plus the outbox.
    CREATE TABLE documents (work_order BLOB PRIMARY KEY, accepted BLOB NOT NULL);

    -- Changes that the server has not answered for, in the order in which they were made.
    CREATE TABLE outbox (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        action_id BLOB NOT NULL,
        work_order BLOB NOT NULL,
        hash BLOB NOT NULL,
        bytes BLOB NOT NULL,
        not_now TEXT,
        UNIQUE (action_id, work_order)
    );
    CREATE INDEX outbox_by_work_order ON outbox (work_order, n);

    -- Every action that was done on this device: pending, accepted, refused, or let go by the person.
    CREATE TABLE journal (
        action_id BLOB PRIMARY KEY,
        work_order BLOB NOT NULL,
        deed TEXT NOT NULL,
        state TEXT NOT NULL,
        code TEXT,
        message TEXT,
        at INTEGER NOT NULL
    );
    CREATE INDEX journal_refused ON journal (at) WHERE state = 'refused';

    -- One row for each work order, for lists, maps and search; derived from documents, never the other way round.
    CREATE TABLE jobs (
        work_order BLOB PRIMARY KEY,
        service_code TEXT NOT NULL,
        status TEXT NOT NULL,
        closed INTEGER NOT NULL,
        priority INTEGER NOT NULL,
        lat REAL,
        lon REAL,
        address TEXT,
        due INTEGER,
        assignment TEXT,
        requests INTEGER NOT NULL,
        tracking_number TEXT,
        flags TEXT NOT NULL,
        disagreements INTEGER NOT NULL,
        thumbnail TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        search TEXT NOT NULL
    );
    CREATE INDEX jobs_by_crew ON jobs (assignment, closed, due);
    CREATE INDEX jobs_by_due ON jobs (closed, due);
    CREATE INDEX jobs_by_place ON jobs (lat, lon);

    -- `observed_at` is when the first photo was taken, if it says so beyond doubt.
    CREATE TABLE drafts (
        work_order BLOB PRIMARY KEY,
        draft TEXT NOT NULL,
        observed_at INTEGER,
        created_at INTEGER NOT NULL
    );
    CREATE TABLE forms (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- Photo files on this device: waiting to be sent, sent, or cached from the server. The bytes are beside the database.
    CREATE TABLE files (
        sha256 TEXT PRIMARY KEY,
        media_type TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at INTEGER NOT NULL
    );
    CREATE INDEX files_waiting ON files (state) WHERE state = 'waiting';

    -- Which work orders (or drafts) use a file: the same picture may be taken into two. `photo` is the original's
    -- SHA-256, by which the renditions of one photo belong together.
    CREATE TABLE file_uses (
        sha256 TEXT NOT NULL,
        work_order BLOB NOT NULL,
        photo TEXT NOT NULL,
        action_id BLOB,
        PRIMARY KEY (sha256, work_order)
    );
    CREATE INDEX file_uses_by_work_order ON file_uses (work_order);
",
    "
    -- Cursors of protocol 1 say nothing to a server of protocol 2: the phone compares what it holds instead.
    DELETE FROM meta WHERE key IN ('cursor', 'started_over');

    -- Which scopes a work order is in, as far as the phone has read.
    CREATE TABLE memberships (
        work_order BLOB NOT NULL,
        scope TEXT NOT NULL,
        PRIMARY KEY (work_order, scope)
    ) WITHOUT ROWID;
    CREATE INDEX memberships_by_scope ON memberships (scope, work_order);

    -- Of the accepted document: 16 bytes. NULL: not computed yet.
    ALTER TABLE documents ADD COLUMN digest BLOB;
    -- Digests are summed up without a look at the documents themselves.
    CREATE INDEX documents_by_digest ON documents (work_order, digest);

    -- The server's word for what it accepted or brought, with the hashes that it is for; and which of them are heads of
    -- accepted documents still.
    CREATE TABLE receipts (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, mac BLOB NOT NULL, hashes BLOB NOT NULL);
    CREATE TABLE vouched (
        work_order BLOB NOT NULL,
        head BLOB NOT NULL,
        receipt INTEGER NOT NULL,
        PRIMARY KEY (work_order, head)
    ) WITHOUT ROWID;
    CREATE INDEX vouched_by_receipt ON vouched (receipt);

    -- Work orders that are to be compared with the server's, or (`lacks`) given back to it: all that is not beneath its
    -- `heads`. `after`: not before this time of the device's clock, after so many `tries` in vain.
    CREATE TABLE repairs (
        work_order BLOB PRIMARY KEY,
        lacks INTEGER NOT NULL DEFAULT 0,
        heads BLOB NOT NULL DEFAULT x'',
        tries INTEGER NOT NULL DEFAULT 0,
        after INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;

    -- When the server took a file, by its clock; and why one that waits is not sent, until the person says to try again.
    ALTER TABLE files ADD COLUMN sent_at INTEGER;
    ALTER TABLE files ADD COLUMN trouble TEXT;

    CREATE INDEX journal_old ON journal (at) WHERE state = 'accepted';
    CREATE INDEX journal_refused_of ON journal (work_order) WHERE state = 'refused';
",
    "
    -- Whether the server may have a part of a file that waits, so that it is asked before any byte goes twice.
    ALTER TABLE files ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;

    -- How often the server has refused to take it back, and why it did the last time.
    ALTER TABLE repairs ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE repairs ADD COLUMN code TEXT;
    ALTER TABLE repairs ADD COLUMN message TEXT;

    -- The links of each work order, to find them from their other end; and whether a duplicate of an open one is done.
    CREATE TABLE ties (
        work_order BLOB NOT NULL,
        link TEXT NOT NULL,
        kind TEXT NOT NULL,
        other BLOB NOT NULL,
        PRIMARY KEY (work_order, link)
    ) WITHOUT ROWID;
    CREATE INDEX ties_by_other ON ties (other);
    ALTER TABLE jobs ADD COLUMN done_in_group INTEGER NOT NULL DEFAULT 0;
",
    "
    -- Photos that were picked, in the order in which they were taken: expected, here (the bytes are beside the database),
    -- made (in the draft), failed.
    CREATE TABLE picks (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE,
        batch BLOB NOT NULL,
        name TEXT NOT NULL,
        draft BLOB NOT NULL,
        ids TEXT NOT NULL,
        begun_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        sha256 TEXT,
        device_place TEXT,
        message TEXT
    );

    -- Whether the photo is not yet added to its job: nothing of it is sent for this use.
    ALTER TABLE file_uses ADD COLUMN held INTEGER NOT NULL DEFAULT 0;

    -- What a list shows of the first photo until its thumbnail is here.
    ALTER TABLE jobs ADD COLUMN blur TEXT;
",
    "
    -- How often the making of a photo was begun and has not ended: more than once, and it is what ends the app.
    CREATE TABLE makings (sha256 TEXT PRIMARY KEY, begun INTEGER NOT NULL) WITHOUT ROWID;
",
    "
    -- By which words a work order is found, folded; `kind` stands for its type, whose words are the catalog's. A table of its
    -- own, because most changes of a job change no word of it.
    CREATE TABLE found_by (
        n INTEGER PRIMARY KEY,
        work_order BLOB NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        number TEXT NOT NULL,
        address TEXT NOT NULL,
        words TEXT NOT NULL
    );
    CREATE VIRTUAL TABLE found USING fts5 (
        kind, number, address, words,
        content = 'found_by', content_rowid = 'n', prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
    );
    -- A number counts more than a street, and a street more than what was said.
    INSERT INTO found (found, rank) VALUES ('rank', 'bm25(4.0, 12.0, 6.0, 1.0)');
    CREATE TRIGGER found_by_added AFTER INSERT ON found_by BEGIN
        INSERT INTO found (rowid, kind, number, address, words) VALUES (new.n, new.kind, new.number, new.address, new.words);
    END;
    CREATE TRIGGER found_by_removed AFTER DELETE ON found_by BEGIN
        INSERT INTO found (found, rowid, kind, number, address, words)
            VALUES ('delete', old.n, old.kind, old.number, old.address, old.words);
    END;
    CREATE TRIGGER found_by_changed AFTER UPDATE ON found_by BEGIN
        INSERT INTO found (found, rowid, kind, number, address, words)
            VALUES ('delete', old.n, old.kind, old.number, old.address, old.words);
        INSERT INTO found (rowid, kind, number, address, words) VALUES (new.n, new.kind, new.number, new.address, new.words);
    END;
    CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
        DELETE FROM found_by WHERE work_order = old.work_order;
    END;
    ALTER TABLE jobs DROP COLUMN search;

    -- What put the job into its state: whose crew, when, and why.
    ALTER TABLE jobs ADD COLUMN status_crew TEXT;
    ALTER TABLE jobs ADD COLUMN status_at INTEGER;
    ALTER TABLE jobs ADD COLUMN status_why TEXT;
",
];

/// The last step that added something to lists: those of earlier databases are written again.
const LISTED: usize = 6;

/// Brings a database to this version's schema, in the caller's transaction. → whether its lists are to be written again, in the same
/// one: an app that is killed meanwhile begins anew.
///
/// # Errors
/// [`StoreError::Newer`] when a newer version of the app has written it; nothing is changed then.
pub(super) fn migrate(db: &Connection) -> Result<bool, StoreError> {
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let version = version as usize;
    if version > STEPS.len() {
        return Err(StoreError::Newer { found: version, known: STEPS.len() });
    }
    for (at, step) in STEPS.iter().enumerate().skip(version) {
        db.execute_batch(step)?;
        db.pragma_update(None, "user_version", u32::try_from(at + 1).unwrap_or(u32::MAX))?;
    }
    Ok((1..LISTED).contains(&version))
}
