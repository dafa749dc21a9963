//! The table: a step of the pipeline, the hostile changes that it stops, and what the phone is told.

use super::chunk::{CHANGE, Parts, framed, leb, signed_leb};
use super::crafted::{self, Lie, bomb, entry, handmade, lie, note};
use super::world::{Person, base, genesis};
use automerge::AutoCommit;
use automerge::transaction::Transactable;
use automerge::{ObjType, ReadDoc, ScalarValue};
use coldpatch_shared::sync::judge::MAX_CHANGE;
use coldpatch_shared::sync::wire::RefusalCode;

/// Where in `judge.rs` a change ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Framing,
    Parsing,
    Actor,
    Numbers,
    Operations,
    Belonging,
    Entries,
}
pub use Step::{Actor, Belonging, Entries, Framing, Numbers, Operations, Parsing};

/// What the phone is told; `None` is *not now*.
pub type Code = Option<RefusalCode>;
pub const MALFORMED: Code = Some(RefusalCode::Malformed);
const TOO_LARGE: Code = Some(RefusalCode::TooLarge);
pub const NOT_YOURS: Code = Some(RefusalCode::NotYours);
pub const NOT_AN_EDIT: Code = Some(RefusalCode::NotAnEdit);
const NOT_ALLOWED: Code = Some(RefusalCode::NotAllowed);

/// A step, the hostile case that it stops, what the phone is told, and the bytes.
pub type Case = (Step, &'static str, Code, Vec<u8>);

/// An honest note's change, altered.
fn edited(edit: impl FnOnce(&mut Parts)) -> Vec<u8> {
    let mut parts = Parts::of(&note());
    edit(&mut parts);
    parts.chunk()
}

/// An honest change in which a column claims something.
fn claiming(column: u64, data: Vec<u8>) -> Vec<u8> {
    edited(|parts| *parts.column(column) = data)
}

/// The whole table.
pub fn all() -> Vec<Case> {
    [framing(), parsing(), numbers(), operations(), entries()].concat()
}

fn framing() -> Vec<Case> {
    let good = note();
    let body = Parts::of(&good).body();
    let many = 100_000_000;
    let long_key = [signed_leb(4_000), leb(100_000), vec![b'k'; 100_000]].concat();
    vec![
        (Framing, "nothing", MALFORMED, Vec::new()),
        (Framing, "text", MALFORMED, b"DROP TABLE changes; --".repeat(10)),
        (Framing, "a document chunk", MALFORMED, base().save()),
        (Framing, "a document chunk's type around a change", MALFORMED, framed(0, &body)),
        (Framing, "a bundle chunk", MALFORMED, framed(3, &body)),
        (Framing, "a chunk of a type that nobody knows", MALFORMED, framed(4, &body)),
        (Framing, "two changes in one", MALFORMED, [good.clone(), good.clone()].concat()),
        (Framing, "a compressed chunk, 160 KB of deflate that is 25 MB", MALFORMED, framed(2, &bomb(100_000))),
        (Framing, "a compressed column", MALFORMED, edited(|parts| parts.columns[0].0 |= 8)),
        (Framing, "more bytes than a change may have", TOO_LARGE, framed(CHANGE, &vec![0; MAX_CHANGE])),
        (Framing, "a length with more bytes than it needs", MALFORMED, {
            let mut bytes = good.clone();
            let at = 9 + leb(body.len() as u64).len() - 1;
            bytes[at] |= 0x80;
            bytes.insert(at + 1, 0);
            bytes
        }),
        (Framing, "a length of 2^63", MALFORMED, [&good[..9], &leb(1 << 63), &body].concat()),
        (Framing, "2^60 dependencies", TOO_LARGE, framed(CHANGE, &[leb(1 << 60), body[1..].to_vec()].concat())),
        (Framing, "a dependency named twice", MALFORMED, edited(|parts| parts.dependencies.extend_from_within(..32))),
        (
            Framing,
            "5,000 dependencies",
            TOO_LARGE,
            edited(|parts| {
                parts.dependencies = (0..5_000_u16).flat_map(|n| [n.to_be_bytes(); 16].concat()).collect();
            }),
        ),
        (Framing, "an actor of 1,000 bytes", TOO_LARGE, edited(|parts| parts.actor.resize(1_000, 1))),
        (Framing, "1,000 other actors", TOO_LARGE, edited(|parts| parts.other_actors = vec![vec![1]; 1_000])),
        (
            Framing,
            "65 other actors, to hide columns behind",
            TOO_LARGE,
            edited(|parts| {
                parts.other_actors.resize(65, vec![0]);
            }),
        ),
        (Framing, "something behind the columns", MALFORMED, edited(|parts| parts.extra.push(0))),
        (Framing, "10^8 operations of one kind", TOO_LARGE, claiming(0x42, [signed_leb(many), leb(1)].concat())),
        (Framing, "10^8 operations with no key", TOO_LARGE, claiming(0x15, [signed_leb(0), leb(100_000_000)].concat())),
        (Framing, "10^8 operations not inserting", TOO_LARGE, claiming(0x34, leb(100_000_000))),
        (Framing, "10^8 values that follow", TOO_LARGE, claiming(0x42, signed_leb(-many))),
        (Framing, "10^8 predecessors", TOO_LARGE, claiming(0x70, [signed_leb(1), leb(100_000_000)].concat())),
        (Framing, "a key of 100 KB, 4,000 times", TOO_LARGE, claiming(0x15, long_key)),
        (Framing, "2^63 operations", TOO_LARGE, claiming(0x42, [signed_leb(i64::MAX), leb(1)].concat())),
    ]
}

fn parsing() -> Vec<Case> {
    vec![
        (Parsing, "a checksum that is not this change's", MALFORMED, {
            let mut bytes = note();
            bytes[5] ^= 1;
            bytes
        }),
        (Parsing, "a message that is no text", MALFORMED, edited(|parts| parts.message = vec![0xff; 36])),
        (Parsing, "a first operation of zero", MALFORMED, edited(|parts| parts.start_op = 0)),
        (Parsing, "a first operation beyond 32 bits", MALFORMED, edited(|parts| parts.start_op = 1 << 33)),
        (Parsing, "columns out of order", MALFORMED, edited(|parts| parts.columns.reverse())),
        (Parsing, "the name of no action", NOT_AN_EDIT, edited(|parts| parts.message = b"not an action".to_vec())),
        (
            Parsing,
            "5,000 operations, which the frame cannot tell from 5,000 predecessors",
            TOO_LARGE,
            handmade(|doc| {
                let notes = doc.get(automerge::ROOT, "notes").unwrap().unwrap().1;
                (0..5_000).for_each(|n| doc.put(&notes, format!("{n}"), 1).unwrap());
            }),
        ),
        (Parsing, "an action's name in another spelling", NOT_AN_EDIT, edited(|parts| parts.message.insert(0, b'{'))),
        (Parsing, "no name of an action", NOT_AN_EDIT, edited(|parts| parts.message.clear())),
    ]
}

fn numbers() -> Vec<Case> {
    let device = Person::inspector().session.device.0;
    vec![
        (Actor, "another device's actor", NOT_YOURS, edited(|parts| parts.actor[0] ^= 1)),
        (
            Actor,
            "the device's id and nothing more",
            NOT_YOURS,
            edited(|parts| parts.actor = device.as_bytes().to_vec()),
        ),
        (Actor, "no actor", NOT_YOURS, edited(|parts| parts.actor.clear())),
        (Numbers, "a sequence number left out", MALFORMED, edited(|parts| parts.seq = 2)),
        (Numbers, "sequence number zero", MALFORMED, edited(|parts| parts.seq = 0)),
        (Numbers, "the last sequence number there is", MALFORMED, edited(|parts| parts.seq = u64::MAX)),
        (
            Numbers,
            "a sequence number used again for something else",
            MALFORMED,
            edited(|parts| {
                parts.actor = Person::inspector().actor(7);
            }),
        ),
        (Numbers, "a dependency that is not here", None, edited(|parts| parts.dependencies[3] ^= 1)),
        (Numbers, "no dependencies", MALFORMED, edited(|parts| parts.dependencies.clear())),
        (Numbers, "a first operation that others have", MALFORMED, edited(|parts| parts.start_op -= 1)),
        (Numbers, "a first operation too far on", MALFORMED, edited(|parts| parts.start_op += 1)),
        (
            Numbers,
            "the last first operation there is, so that nobody can write after it",
            MALFORMED,
            edited(|parts| {
                parts.start_op = u32::MAX.into();
            }),
        ),
        (Numbers, "a second first change", NOT_AN_EDIT, genesis()),
    ]
}

fn operations() -> Vec<Case> {
    let not_an_edit = |what, edit: fn(&mut AutoCommit)| (Operations, what, NOT_AN_EDIT, handmade(edit));
    vec![
        not_an_edit("a value put over the id", |doc| doc.put(automerge::ROOT, "id", "other").unwrap()),
        not_an_edit("a new key beside the containers", |doc| doc.put(automerge::ROOT, "hello", 1).unwrap()),
        not_an_edit("a container put over", |doc| {
            drop(doc.put_object(automerge::ROOT, "notes", ObjType::Map).unwrap())
        }),
        not_an_edit("a container deleted", |doc| doc.delete(automerge::ROOT, "events").unwrap()),
        not_an_edit("an entry deleted", |doc| {
            let (requests, key, _) = entry(doc, "requests");
            doc.delete(&requests, key).unwrap();
        }),
        not_an_edit("an entry put over", |doc| {
            let (requests, key, _) = entry(doc, "requests");
            doc.put_object(&requests, key, ObjType::Map).unwrap();
        }),
        not_an_edit("a field of an entry put over", |doc| {
            let (_, _, request) = entry(doc, "requests");
            doc.put(&request, "description", "nothing to see").unwrap();
        }),
        not_an_edit("a field added to another's entry", |doc| {
            let (_, _, request) = entry(doc, "requests");
            doc.put(&request, "reviewed_by", "me").unwrap();
        }),
        not_an_edit("a put and a delete that cancel out", |doc| {
            let notes = doc.get(automerge::ROOT, "notes").unwrap().unwrap().1;
            doc.put(&notes, "x", 1).unwrap();
            doc.delete(&notes, "x").unwrap();
        }),
        not_an_edit("a counter that is counted up", |doc| {
            let notes = doc.get(automerge::ROOT, "notes").unwrap().unwrap().1;
            doc.put(&notes, "x", ScalarValue::counter(1)).unwrap();
            doc.increment(&notes, "x", 1_000).unwrap();
        }),
        not_an_edit("a value where an entry belongs", |doc| {
            let notes = doc.get(automerge::ROOT, "notes").unwrap().unwrap().1;
            doc.put(&notes, format!("{}:0", crafted::ACTION), 1).unwrap();
        }),
        not_an_edit("an entry under another action's name", |doc| {
            let notes = doc.get(automerge::ROOT, "notes").unwrap().unwrap().1;
            doc.put_object(&notes, format!("{}:0", uuid::Uuid::from_u128(1)), ObjType::Map).unwrap();
        }),
        not_an_edit("a text that can be edited later", |doc| {
            let notes = doc.get(automerge::ROOT, "notes").unwrap().unwrap().1;
            let note = doc.put_object(&notes, format!("{}:0", crafted::ACTION), ObjType::Map).unwrap();
            doc.put_object(&note, "text", ObjType::Text).unwrap();
        }),
    ]
}

fn entries() -> Vec<Case> {
    vec![
        (Entries, "another person's name", NOT_YOURS, lie(Lie::Field("by", "somebody-else"))),
        (Entries, "another role", NOT_YOURS, lie(Lie::Field("role", "supervisor"))),
        (Entries, "a role that nobody has", None, lie(Lie::Field("role", "emperor"))),
        (Entries, "a kind of event that nobody knows yet", None, lie(Lie::Field("kind", "sold"))),
        (
            Entries,
            "a kind of event that the person may not cause",
            NOT_ALLOWED,
            lie(Lie::Field("kind", "acknowledged")),
        ),
        (Entries, "a second creation", NOT_AN_EDIT, lie(Lie::Field("kind", "created"))),
        (Entries, "an event that says it saw nothing", NOT_AN_EDIT, lie(Lie::After(Vec::new()))),
        (Entries, "an event that says it saw what is not there", NOT_AN_EDIT, lie(Lie::After(vec!["x:0".to_owned()]))),
        (
            Entries,
            "an event that settles what only a review does",
            NOT_AN_EDIT,
            lie(Lie::Settles("double_dispatch/a/b")),
        ),
        (Entries, "a text of 60,000 letters", TOO_LARGE, lie(Lie::Note(60_000))),
        (Entries, "a decision that hides what its author did not see", NOT_AN_EDIT, lie(Lie::Replaces)),
        (Entries, "nothing at all", NOT_AN_EDIT, edited(|parts| parts.columns.clear())),
    ]
}
