//! What is special about this backend.

use super::*;
use crate::storage::NewChange;
use crate::storage::conformance::{Pen, request};
use coldpatch_shared::action::Action;
use coldpatch_shared::order::FieldValue;
use rusqlite::params;
use tempfile::TempDir;

fn open() -> (Sqlite, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Sqlite::open(&folder.path().join("test.db"), Uuid::from_u128(1)).unwrap(), folder)
}

crate::storage::conformance::conformance!(open);
crate::storage::conformance_pages::conformance_pages!(open);

#[test]
fn opened_again_it_is_the_same_life_of_the_log() {
    let (store, folder) = open();
    let before = store.state().unwrap();
    drop(store);
    let again = Sqlite::open(&folder.path().join("test.db"), Uuid::from_u128(2)).unwrap();
    assert_eq!(again.state().unwrap(), before);
}

#[test]
fn data_of_a_newer_version_is_left_alone() {
    let (store, folder) = open();
    store.writer().pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
    drop(store);
    let error = Sqlite::open(&folder.path().join("test.db"), Uuid::from_u128(1)).unwrap_err();
    assert!(matches!(error, StorageError::Newer { .. }), "{error}");
}

#[test]
fn every_commit_is_synced_to_the_disk() {
    let (store, _folder) = open();
    let read = |name: &str| -> String {
        let writer = store.writer();
        writer
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|v| format!("{v:?}"))
            .unwrap()
    };
    assert_eq!(read("synchronous"), "Integer(2)");
    assert_eq!(read("journal_mode"), "Text(\"wal\")");
}

/// What the query planner says about a statement, with its parameters unbound.
fn plan(store: &Sqlite, sql: &str) -> String {
    let writer = store.writer();
    let mut explain = writer.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let unbound = vec![rusqlite::types::Null; explain.parameter_count()];
    let rows = explain.query_map(rusqlite::params_from_iter(unbound), |row| row.get::<_, String>(3)).unwrap();
    rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_round_trip_scans_nothing() {
    let (store, _folder) = open();
    // Every statement of the files that answer phones and take in what they send.
    let sources = [
        include_str!("pages.rs"),
        include_str!("log.rs"),
        include_str!("scopes.rs"),
        include_str!("people.rs"),
        include_str!("mod.rs"),
    ];
    let mut seen = 0;
    for statement in sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2)) {
        let words: Vec<&str> = statement.split_whitespace().collect();
        if !matches!(words.first(), Some(&("SELECT" | "UPDATE"))) || words.len() < 4 {
            continue;
        }
        seen += 1;
        let plan = plan(&store, statement);
        // The end of the log, which is one step into its index.
        let last = statement.contains("FROM commits ORDER BY seq DESC LIMIT 1");
        let whole = plan.split("; ").any(|step| step.starts_with("SCAN ") && !step.contains("(subquery"));
        assert!(last || !whole, "{statement}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{statement}\n{plan}");
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn data_of_version_1_becomes_data_of_this_one_and_syncs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let mut pens = [Pen::new(1), Pen::new(2)];
    let changes: Vec<Vec<NewChange>> = pens
        .iter_mut()
        .map(|pen| {
            let value = FieldValue::Address("Alder St".to_owned());
            vec![pen.file(request(pen.count)), pen.change(Action::Decide { value })]
        })
        .collect();
    let device = DeviceId(Uuid::from_u128(5));
    {
        let old = Connection::open(&path).unwrap();
        old.execute_batch(include_str!("schema/version_1.sql")).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        for (key, value) in [("epoch", "first"), ("epoch_number", "0"), ("tracking_counter", "7")] {
            set_meta(&old, key, value).unwrap();
        }
        let mut number = 0;
        for (pen, changes) in pens.iter_mut().zip(&changes) {
            let key = *pen.id.0.as_bytes();
            for change in changes {
                number += 1;
                let values = params![
                    number,
                    key,
                    change.hash.0,
                    change.action.0.as_bytes(),
                    device.0.as_bytes(),
                    1_000 + number,
                    change.bytes
                ];
                old.execute("INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", values).unwrap();
            }
            let heads: Vec<u8> = pen.doc.heads().iter().flat_map(|head| head.0).collect();
            old.execute("INSERT INTO documents VALUES (?1, ?2, ?3, ?4)", params![key, number, heads, pen.doc.save()])
                .unwrap();
            for scope in ["all".to_owned(), "crew:1".to_owned(), format!("device:{device}")] {
                old.execute("INSERT INTO scopes VALUES (?1, ?2, ?3)", params![scope, key, number]).unwrap();
            }
            let order = WorkOrder::derive(pen.id, &pen.doc.facts()).unwrap();
            requests::project(&old, &order).unwrap();
        }
    }
    let store = Sqlite::open(&path, Uuid::from_u128(1)).unwrap();
    let state = store.state().unwrap();
    assert_eq!((state.epoch.as_str(), state.sequence, state.tracking_counter), ("first", 4, 7));
    assert_eq!(state.running.len(), 16);
    for pen in &mut pens {
        let stored = store.document(pen.id).unwrap().unwrap();
        assert_eq!(stored.bytes, pen.doc.save_plain());
        assert_eq!(stored.changed_at, 1_000 + i64::try_from(stored.sequence).unwrap());
        assert!(store.request(ServiceRequestId(request(pen.count - 2).request.0)).unwrap().is_some());
    }
    crate::storage::conformance_pages::catches_up(&store, &["all", "crew:1", &format!("device:{device}")], 2);
    let last = 1_000 + 2 + crate::storage::KEPT;
    assert!(store.sweep(last - 1).unwrap().is_none());
    assert_eq!(store.sweep(last).unwrap().unwrap().scopes, HashSet::from([format!("device:{device}")]));
    drop(store);
    assert_eq!(Sqlite::open(&path, Uuid::from_u128(1)).unwrap().state().unwrap().sequence, 5);
}

#[test]
fn one_connection_with_a_rollback_journal_does_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let opening = Opening::with(Journal::Truncate, true, move |access| {
        assert_eq!(access, Access::Write);
        Connection::open(&path)
    });
    let store = Sqlite::open_with(opening, Uuid::from_u128(1)).unwrap();
    crate::storage::conformance_pages::whatever_happens_readers_hold_what_their_scopes_hold(&store);
}
