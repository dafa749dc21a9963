//! The accepting pipeline, step by step, each with the hostile changes that it stops: one table.

use super::cases::{
    self, Actor, Belonging, Case, Code, Entries, Framing, MALFORMED, NOT_AN_EDIT, NOT_YOURS, Numbers, Operations,
    Parsing, Step,
};
use super::crafted::{self, Lie, lie, note};
use super::watch::{Trial, judge_all};
use super::world::{ORDER, OTHER, Person, base, genesis};
use automerge::ScalarValue;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::judge::MAX_CHANGE;
use coldpatch_shared::sync::wire::{SentChange, Verdict};
use std::collections::BTreeMap;
use std::path::Path;

/// What each step says; the entries' own messages are many.
const SAYS: [(Step, &[&str]); 6] = [
    (Framing, &["This is not a change of a work order.", "This change is larger than one edit can be."]),
    (
        Parsing,
        &[
            "This change is damaged: it is not what any version writes.",
            "This change was damaged on the way.",
            "This change is damaged and cannot be merged.",
            "This change is larger than one edit can be.",
            "This change belongs to no action.",
        ],
    ),
    (Actor, &["This change was written by another device."]),
    (
        Numbers,
        &[
            "This change is numbered as no phone numbers its changes.",
            "This change builds on one that the city does not have yet.",
            "This work order exists already.",
        ],
    ),
    (Operations, &["This change does more than adding something to a work order."]),
    (Belonging, &["This change belongs to another work order."]),
];

fn trial(what: String, doc: Option<OrderDoc>, work_order: WorkOrderId, bytes: Vec<u8>) -> Trial {
    Trial { what, doc, sent: SentChange { work_order, bytes }, who: Person::inspector().session }
}

/// What is wrong with this verdict, if anything.
fn wrong(step: Step, code: Code, verdict: &Verdict) -> Option<String> {
    let (told, message) = match verdict {
        Verdict::Accepted => return Some("accepted".to_owned()),
        Verdict::Refused { code, message } => (Some(*code), message.as_str()),
        Verdict::NotNow { message } => (None, message.as_str()),
    };
    let said_by: Vec<_> = SAYS.iter().filter(|(_, says)| says.contains(&message)).map(|(step, _)| *step).collect();
    // A second creation is found twice, by its numbers and by what it says.
    let stopped = if step == Entries { said_by.iter().all(|step| *step == Numbers) } else { said_by.contains(&step) };
    (told != code || !stopped).then(|| format!("expected {code:?} from {step:?}, was {verdict:?}"))
}

#[test]
fn each_step_stops_the_hostile_changes_that_it_is_there_for() {
    let cases: Vec<Case> = cases::all();
    let expected: BTreeMap<String, (Step, Code)> =
        cases.iter().map(|(step, what, code, _)| ((*what).to_owned(), (*step, *code))).collect();
    assert_eq!(expected.len(), cases.len(), "each case has a name of its own");
    print!("{} cases, ", cases.len());
    let trials = cases.into_iter().map(|(_, what, _, bytes)| trial(what.to_owned(), Some(base()), ORDER, bytes));
    let mut failures = Vec::new();
    let worst = judge_all(trials, |what, verdict| {
        let (step, code) = expected[what];
        let verdict = verdict.map_or_else(|verdict| verdict, |_| Verdict::Accepted);
        failures.extend(wrong(step, code, &verdict).map(|wrong| format!("{what}: {wrong}")));
    });
    println!("at worst {} KB of memory", worst >> 10);
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_first_change_that_is_not_whole_or_belongs_elsewhere_is_refused() {
    let schema = |value: ScalarValue| crafted::genesis_with("schema", value);
    let cases = [
        ("another work order's", ORDER, genesis(), NOT_AN_EDIT),
        ("a first change that leaves the containers out", OTHER, crafted::genesis_without_containers(), NOT_AN_EDIT),
        ("a schema that is still to come", OTHER, schema(999.into()), None),
        ("a schema that never was", OTHER, schema((-1).into()), NOT_AN_EDIT),
        ("a schema that is no number", OTHER, schema("one".into()), NOT_AN_EDIT),
        ("an id that is none", OTHER, crafted::genesis_with("id", "pothole".into()), NOT_AN_EDIT),
    ];
    let expected: BTreeMap<&str, Code> = cases.iter().map(|(what, _, _, code)| (*what, *code)).collect();
    let trials = cases.into_iter().map(|(what, order, bytes, _)| trial(what.to_owned(), None, order, bytes));
    judge_all(trials, |what, verdict| {
        let told = match verdict {
            Err(Verdict::Refused { code, .. }) => Some(code),
            Err(Verdict::NotNow { .. }) => None,
            other => panic!("{what}: {other:?}"),
        };
        assert_eq!(told, expected[what], "{what}");
    });
}

#[test]
fn the_largest_change_that_can_be_accepted_fits_into_the_stated_memory() {
    let largest = lie(Lie::Nothing(3_900));
    assert!(largest.len() < MAX_CHANGE && largest.len() > MAX_CHANGE / 2, "{}", largest.len());
    let worst = judge_all([trial("largest".to_owned(), Some(base()), ORDER, largest)], |_, verdict| {
        assert!(verdict.is_ok(), "{verdict:?}");
    });
    println!("{} KB of memory", worst >> 10);
}

/// Files that are not ours: bundles on which Automerge's parser loops for ever.
#[test]
fn bundles_on_which_automerge_loops_for_ever_end_at_the_frame() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/automerge-hostile");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not here", folder.display());
        return;
    };
    let trials: Vec<_> = files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .flat_map(|bytes| {
            [(None, OTHER), (Some(base()), ORDER)]
                .map(|(doc, order)| trial("bundle".to_owned(), doc, order, bytes.clone()))
        })
        .collect();
    assert!(!trials.is_empty());
    judge_all(trials, |_, verdict| assert_eq!(wrong(Framing, MALFORMED, &verdict.unwrap_err()), None));
}

#[test]
fn only_who_wrote_a_change_can_send_it() {
    let bytes = note();
    let other = Person::new(5, Role::Inspector).session;
    let sent = SentChange { work_order: ORDER, bytes };
    let trials = [Trial { what: "stolen".to_owned(), doc: Some(base()), sent, who: other }];
    judge_all(trials, |_, verdict| assert_eq!(wrong(Actor, NOT_YOURS, &verdict.unwrap_err()), None));
}
