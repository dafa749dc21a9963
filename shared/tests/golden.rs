//! Documents of every released schema, which today's code must read: `golden/v<schema>-<what>.automerge`.
//!
//! A new schema adds a file and never changes an old one. `COLDPATCH_WRITE_GOLDEN=1 cargo test -p coldpatch-shared
//! --test golden` writes the ones that are missing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod support;

use coldpatch_shared::action::Action;
use coldpatch_shared::city::Priority;
use coldpatch_shared::order::{Field, FlagKind, Labor, Material, Note, OrderDoc, Status, WorkOrder};
use std::path::PathBuf;
use support::{ORDER, Phone, assign, complete, file, meet, priority};

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// A job that one crew finished while the desk moved it, with a bit of everything.
fn a_bit_of_everything() -> Vec<u8> {
    let (mut desk, mut crew, mut inspector) = (Phone::supervisor(1), Phone::crew(2, "crew-4"), Phone::inspector(3));
    desk.does(file());
    desk.does(assign("crew-4"));
    crew.hears(&mut desk);
    inspector.hears(&mut desk);
    crew.does(Action::Start);
    crew.does(Action::Tick { item: "cones".to_owned(), checked: true });
    crew.does(Action::RecordLabor { labor: Labor { people: 2, minutes: 20, replaces: Vec::new() } });
    crew.does(Action::RecordMaterial {
        material: Material {
            material: "cold-patch".to_owned(),
            name: "Cold patch, 25 kg bag".to_owned(),
            quantity: 2.0,
            unit: "bag".to_owned(),
            replaces: Vec::new(),
        },
    });
    crew.does(Action::AddNote { note: Note { text: "Näher am Gully 🕳️".to_owned() } });
    crew.does(complete());
    desk.does(priority(Priority::Urgent));
    desk.does(assign("crew-1"));
    inspector.does(priority(Priority::High));
    meet(&mut desk, &mut crew);
    meet(&mut desk, &mut inspector);
    desk.doc.save()
}

#[test]
fn todays_code_reads_schema_1() {
    let path = golden("v1-a-bit-of-everything.automerge");
    if std::env::var_os("COLDPATCH_WRITE_GOLDEN").is_some() && !path.exists() {
        std::fs::write(&path, a_bit_of_everything()).unwrap();
    }
    let doc = OrderDoc::load(&std::fs::read(&path).unwrap()).unwrap();
    let order = WorkOrder::derive(ORDER, &doc.facts()).unwrap();
    assert_eq!(order.status, Status::Completed);
    assert_eq!(order.status_set_by.as_ref().unwrap().stamp.crew, Some("crew-4".into()));
    assert_eq!(order.priority, Priority::Urgent);
    assert!(order.disagreements.contains_key(&Field::Priority));
    assert_eq!(order.assignment, Some("crew-1".into()));
    assert_eq!(order.flags.iter().map(|flag| flag.kind).collect::<Vec<_>>(), [FlagKind::MovedWhileWorked]);
    assert_eq!(order.requests[0].body.description, "Deep, at the crossing");
    assert_eq!(order.labor[0].body.minutes, 20);
    assert!((order.materials[0].body.quantity - 2.0).abs() < f64::EPSILON);
    assert_eq!(order.notes[0].body.text, "Näher am Gully 🕳️");
    assert!(order.is_ticked("cones"));
    assert_eq!(order.history.len(), 20);
}
