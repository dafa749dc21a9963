//! Changes that no app of ours writes, made with Automerge's own means.

use super::world::{OTHER, Person, base, next};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use coldpatch_shared::action::Action;
use coldpatch_shared::order::Note;

/// The action that they say they belong to.
pub const ACTION: &str = "00000000-0000-0000-0000-000000000bad";

/// An honest note.
pub fn note() -> Vec<u8> {
    next(20, Action::AddNote { note: Note { text: "a note".to_owned() } })
}

fn committed(mut doc: AutoCommit, edit: impl FnOnce(&mut AutoCommit)) -> Vec<u8> {
    doc.set_actor(ActorId::from(Person::inspector().actor(8)));
    edit(&mut doc);
    let hash = doc.commit_with(CommitOptions::default().with_message(ACTION)).unwrap();
    doc.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec()
}

/// What `edit` does to the base document, as a change of the inspector's phone.
pub fn handmade(edit: impl FnOnce(&mut AutoCommit)) -> Vec<u8> {
    committed(AutoCommit::load(&base().save()).unwrap(), edit)
}

/// A container, and the key and the object of its first entry.
pub fn entry(doc: &AutoCommit, container: &str) -> (ObjId, String, ObjId) {
    let parent = doc.get(ROOT, container).unwrap().unwrap().1;
    let key = doc.keys(&parent).next().unwrap();
    let object = doc.get(&parent, key.as_str()).unwrap().unwrap().1;
    (parent, key, object)
}

/// What an event, a decision or a note of the inspector's lies about.
pub enum Lie {
    Field(&'static str, &'static str),
    After(Vec<String>),
    Settles(&'static str),
    Note(usize),
    Replaces,
    /// Nothing: so many words in a field that only a newer version knows.
    Nothing(usize),
}

/// An entry that is right in everything but this.
pub fn lie(lie: Lie) -> Vec<u8> {
    let facts = base().facts();
    let mut after: Vec<String> = facts.latest_events().into_iter().map(|id| id.0).collect();
    let (mut container, mut fields) = ("events", vec![("kind", "started".to_owned())]);
    let (mut settles, mut replaces) = (Vec::new(), Vec::new());
    match &lie {
        Lie::After(seen) => after.clone_from(seen),
        Lie::Settles(flag) => settles.push((*flag).to_owned()),
        Lie::Field(..) | Lie::Nothing(_) => (),
        Lie::Note(letters) => (container, fields) = ("notes", vec![("text", "x".repeat(*letters))]),
        Lie::Replaces => {
            (container, fields) =
                ("decisions", vec![("field", "address".to_owned()), ("value", "Elm St 1".to_owned())]);
            replaces = facts.decisions.iter().map(|decision| decision.id.0.clone()).collect();
        }
    }
    let person = Person::inspector().session;
    fields.extend([("by", person.user.0), ("role", "inspector".to_owned())]);
    let words = if let Lie::Nothing(words) = lie { words } else { 0 };
    if let Lie::Field(key, value) = lie {
        fields.retain(|(known, _)| *known != key);
        fields.push((key, value.to_owned()));
    }
    handmade(|doc| {
        let parent = doc.get(ROOT, container).unwrap().unwrap().1;
        let entry = doc.put_object(&parent, format!("{ACTION}:0"), ObjType::Map).unwrap();
        doc.put(&entry, "at", 0).unwrap();
        for (key, value) in fields {
            doc.put(&entry, key, value).unwrap();
        }
        let words = (0..words).map(|n| format!("{n:060}")).collect();
        for (key, values) in [("after", after), ("settles", settles), ("replaces", replaces), ("words", words)] {
            if !values.is_empty() && (container == "events" || key == "replaces") {
                let list = doc.put_object(&entry, key, ObjType::List).unwrap();
                for (at, value) in values.into_iter().enumerate() {
                    doc.insert(&list, at, value).unwrap();
                }
            }
        }
    })
}

/// A first change that is nothing but an id and a schema.
pub fn genesis_without_containers() -> Vec<u8> {
    committed(AutoCommit::new(), |doc| {
        doc.put(ROOT, "schema", 1).unwrap();
        doc.put(ROOT, "id", OTHER.to_string()).unwrap();
    })
}

/// A first change like ours, except for one value.
pub fn genesis_with(field: &str, value: ScalarValue) -> Vec<u8> {
    committed(AutoCommit::new(), |doc| {
        // Its event says that the inspector created it; its containers are all there.
        let or = |key, ours: ScalarValue| if key == field { value.clone() } else { ours };
        doc.put(ROOT, "schema", or("schema", 1.into())).unwrap();
        doc.put(ROOT, "id", or("id", OTHER.to_string().into())).unwrap();
        let model = base();
        let model = model.automerge();
        for name in model.keys(ROOT).filter(|name| name != "schema" && name != "id") {
            doc.put_object(ROOT, name, ObjType::Map).unwrap();
        }
        let events = doc.get(ROOT, "events").unwrap().unwrap().1;
        let entry = doc.put_object(&events, format!("{ACTION}:0"), ObjType::Map).unwrap();
        let person = Person::inspector().session;
        for (key, value) in [("kind", "created"), ("by", person.user.as_str()), ("role", "inspector")] {
            doc.put(&entry, key, value).unwrap();
        }
        doc.put(&entry, "at", 0).unwrap();
    })
}

/// Deflate that is 258 × `runs` bytes when it is expanded: one zero, and copies of it.
pub fn bomb(runs: usize) -> Vec<u8> {
    let mut bits = vec![1, 1, 0]; // the last block, with the fixed codes
    bits.extend([0, 0, 1, 1, 0, 0, 0, 0]); // the byte 0
    for _ in 0..runs {
        bits.extend([1, 1, 0, 0, 0, 1, 0, 1]); // length 258 …
        bits.extend([0; 5]); // … from one byte back
    }
    bits.extend([0; 7]); // the end
    bits.chunks(8).map(|bits| bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | bit << at)).collect()
}
