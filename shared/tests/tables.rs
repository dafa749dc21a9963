//! The tables of events against expectations that are stated here a second time, in other words.
//!
//! `concurrent_pair` holds one test for each pair of status kinds, made by a macro so that a failing pair is named by its
//! test. Each tries its pair alone and with every third event that saw neither, one, the other, or both of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use coldpatch_shared::city::Role;
use coldpatch_shared::ids::EntryId;
use coldpatch_shared::order::EventKind::{
    self, Assigned, Cancelled, CannotComplete, Completed, Created, Paused, Reopened, Started, Transferred,
};
use coldpatch_shared::order::status::{self, Effect, LATER, PAIRS, RANK, Status, lookup};
use coldpatch_shared::order::undo::{BUILT, UNDO, Undo, needs_a_look, undo_of};
use coldpatch_shared::order::{Entry, Event, Facts, FlagKind, Lamport, Stamp};
use std::collections::BTreeSet;

fn id(n: u64) -> EntryId {
    format!("e:{n}").as_str().into()
}

fn event(n: u64, kind: &EventKind, crew: &str, after: &[u64]) -> Entry<Event> {
    let mut body = Event::new(kind.clone(), after.iter().copied().map(id).collect());
    if *kind == Assigned {
        body.assigned_to = Some("crew-9".into());
    }
    Entry {
        id: id(n),
        lamport: Lamport { counter: n, actor: crew.to_owned() },
        stamp: Stamp {
            by: crew.into(),
            role: Role::Crew,
            crew: Some(crew.into()),
            at: 0,
            offset_ms: None,
            offset_age_s: None,
        },
        body,
    }
}

fn withdrawn(n: u64, names: &[u64], after: &[u64]) -> Entry<Event> {
    let mut entry = event(n, &EventKind::Withdrawn, "desk", after);
    entry.body.names = names.iter().copied().map(id).collect();
    entry
}

fn derive(events: &[Entry<Event>]) -> status::Outcome {
    status::derive(&Facts::of_events(events.to_vec()))
}

// ---- what a supervisor expects, in words that know nothing of graphs ----

/// What somebody at the desk sees on the board when this is the last that counts. The first that happened wins.
const BOARD: [(EventKind, Status); 9] = [
    (Completed, Status::Completed),
    (Cancelled, Status::Cancelled),
    (Transferred, Status::Transferred),
    (CannotComplete, Status::CannotComplete),
    (Started, Status::Working),
    (Paused, Status::Paused),
    (Assigned, Status::Open),
    (Reopened, Status::Open),
    (Created, Status::Open),
];

/// Which two of one round, neither knowing of the other, are worth a call, and what the call is about.
const CALLS: [(EventKind, EventKind, FlagKind); 14] = [
    (Completed, Completed, FlagKind::DoubleDispatch),
    (Completed, Cancelled, FlagKind::CompletedWhileCancelled),
    (Completed, Transferred, FlagKind::CompletedWhileTransferred),
    (Completed, CannotComplete, FlagKind::CompletedDespiteObstacle),
    (Cancelled, Started, FlagKind::WorkedWhileCancelled),
    (Cancelled, Paused, FlagKind::WorkedWhileCancelled),
    (Transferred, CannotComplete, FlagKind::TransferredWhileWorked),
    (Transferred, Started, FlagKind::TransferredWhileWorked),
    (Transferred, Paused, FlagKind::TransferredWhileWorked),
    (Assigned, Completed, FlagKind::MovedWhileWorked),
    (Assigned, Transferred, FlagKind::MovedWhileWorked),
    (Assigned, CannotComplete, FlagKind::MovedWhileWorked),
    (Assigned, Started, FlagKind::MovedWhileWorked),
    (Assigned, Paused, FlagKind::MovedWhileWorked),
];

/// Two people act on one job without knowing of each other; a third acts knowing of neither, one or both.
struct Story<'a> {
    a: &'a EventKind,
    b: &'a EventKind,
    third: Option<(&'a EventKind, bool, bool)>,
}

impl Story<'_> {
    fn told(&self) -> String {
        let third = self.third.map_or_else(String::new, |(kind, a, b)| {
            let saw = match (a, b) {
                (false, false) => "neither".to_owned(),
                (true, false) => format!("the {:?}", self.a),
                (false, true) => format!("the {:?} of the second", self.b),
                (true, true) => "both".to_owned(),
            };
            format!(", then {kind:?} by somebody who saw {saw}")
        });
        format!("{:?} ∥ {:?}{third}", self.a, self.b)
    }

    fn events(&self) -> Vec<Entry<Event>> {
        let mut events =
            vec![event(1, &Created, "desk", &[]), event(2, self.a, "crew-1", &[1]), event(3, self.b, "crew-4", &[1])];
        if let Some((kind, a, b)) = self.third {
            let after: Vec<u64> = [(true, 1), (a, 2), (b, 3)].iter().filter(|(saw, _)| *saw).map(|(_, n)| *n).collect();
            events.push(event(4, kind, "crew-7", &after));
        }
        events
    }

    /// Everybody's deed, how often the job had been reopened when it was done (itself included), and whether somebody
    /// in a position to say so took its place.
    fn deeds(&self) -> Vec<(&EventKind, u32, bool)> {
        let again = |kind: &EventKind| u32::from(*kind == Reopened);
        let (mut a, mut b) = ((self.a, again(self.a), false), (self.b, again(self.b), false));
        let mut deeds = Vec::new();
        if let Some((kind, saw_a, saw_b)) = self.third {
            let mut before = 0;
            for (deed, saw) in [(&mut a, saw_a), (&mut b, saw_b)] {
                if saw {
                    before = before.max(deed.1);
                    deed.2 = match (deed.0, kind) {
                        (Completed, _) | (_, Created) => false,
                        (Cancelled, later) => *later == Completed,
                        _ => true,
                    };
                }
            }
            deeds.push((kind, before + again(kind), false));
        }
        deeds.splice(0..0, [a, b]);
        deeds
    }

    fn expected_status(&self) -> Status {
        let deeds = self.deeds();
        let round = deeds.iter().map(|(_, round, _)| *round).max().unwrap();
        let counts: Vec<&EventKind> =
            deeds.iter().filter(|(_, of, gone)| *of == round && !gone).map(|(kind, ..)| *kind).collect();
        BOARD.iter().find(|(kind, _)| counts.contains(&kind)).map_or(Status::Open, |(_, status)| *status)
    }

    fn expected_flags(&self) -> BTreeSet<FlagKind> {
        let deeds = self.deeds();
        let round = deeds.iter().map(|(_, round, _)| *round).max().unwrap();
        // Who did not know of whom: the first two never, the third of those it did not see.
        let mut strangers = vec![(0, 1)];
        if let Some((_, saw_a, saw_b)) = self.third {
            strangers
                .extend([(saw_a, (0, 2)), (saw_b, (1, 2))].into_iter().filter(|(saw, _)| !saw).map(|(_, pair)| pair));
        }
        let mut flags = BTreeSet::new();
        for (x, y) in strangers {
            for (x, y) in [(x, y), (y, x)] {
                let ((kind_x, round_x, _), (kind_y, round_y, _)) = (deeds[x], deeds[y]);
                if (round_x, round_y) == (round, round) {
                    let call = CALLS.iter().find(|(p, q, _)| (p, q) == (kind_x, kind_y));
                    flags.extend(call.map(|(_, _, flag)| *flag));
                }
                if *kind_x == Reopened && round_x == round && round_y < round {
                    match kind_y {
                        Completed => flags.insert(FlagKind::CompletedInEarlierRound),
                        CannotComplete | Transferred => flags.insert(FlagKind::ObstacleInEarlierRound),
                        _ => false,
                    };
                }
            }
        }
        flags
    }

    fn check(&self, failures: &mut Vec<String>) {
        let mut events = self.events();
        let outcome = derive(&events);
        let flags: BTreeSet<FlagKind> = outcome.flags.iter().map(|flag| flag.kind).collect();
        if (outcome.status, &flags) != (self.expected_status(), &self.expected_flags()) {
            failures.push(format!(
                "{}: {:?} {flags:?}, expected {:?} {:?}",
                self.told(),
                outcome.status,
                self.expected_status(),
                self.expected_flags()
            ));
        }
        events.reverse();
        if derive(&events) != outcome {
            failures.push(format!("{}: another outcome in another order of reading", self.told()));
        }
    }
}

fn check_pair(a: &EventKind, b: &EventKind) {
    let mut failures = Vec::new();
    Story { a, b, third: None }.check(&mut failures);
    for third in &RANK {
        for (saw_a, saw_b) in [(false, false), (true, false), (false, true), (true, true)] {
            Story { a, b, third: Some((third, saw_a, saw_b)) }.check(&mut failures);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

macro_rules! concurrent_pairs {
    ($($name:ident: $a:ident, $b:ident;)*) => {
        mod concurrent_pair {
            $(#[test] fn $name() { super::check_pair(&super::$a, &super::$b); })*
        }
        const TESTED: &[(EventKind, EventKind)] = &[$(($a, $b)),*];
    };
}

concurrent_pairs! {
    completed_and_completed: Completed, Completed;
    completed_and_cancelled: Completed, Cancelled;
    completed_and_transferred: Completed, Transferred;
    completed_and_cannot_complete: Completed, CannotComplete;
    completed_and_started: Completed, Started;
    completed_and_paused: Completed, Paused;
    completed_and_assigned: Completed, Assigned;
    completed_and_reopened: Completed, Reopened;
    completed_and_created: Completed, Created;
    cancelled_and_cancelled: Cancelled, Cancelled;
    cancelled_and_transferred: Cancelled, Transferred;
    cancelled_and_cannot_complete: Cancelled, CannotComplete;
    cancelled_and_started: Cancelled, Started;
    cancelled_and_paused: Cancelled, Paused;
    cancelled_and_assigned: Cancelled, Assigned;
    cancelled_and_reopened: Cancelled, Reopened;
    cancelled_and_created: Cancelled, Created;
    transferred_and_transferred: Transferred, Transferred;
    transferred_and_cannot_complete: Transferred, CannotComplete;
    transferred_and_started: Transferred, Started;
    transferred_and_paused: Transferred, Paused;
    transferred_and_assigned: Transferred, Assigned;
    transferred_and_reopened: Transferred, Reopened;
    transferred_and_created: Transferred, Created;
    cannot_complete_and_cannot_complete: CannotComplete, CannotComplete;
    cannot_complete_and_started: CannotComplete, Started;
    cannot_complete_and_paused: CannotComplete, Paused;
    cannot_complete_and_assigned: CannotComplete, Assigned;
    cannot_complete_and_reopened: CannotComplete, Reopened;
    cannot_complete_and_created: CannotComplete, Created;
    started_and_started: Started, Started;
    started_and_paused: Started, Paused;
    started_and_assigned: Started, Assigned;
    started_and_reopened: Started, Reopened;
    started_and_created: Started, Created;
    paused_and_paused: Paused, Paused;
    paused_and_assigned: Paused, Assigned;
    paused_and_reopened: Paused, Reopened;
    paused_and_created: Paused, Created;
    assigned_and_assigned: Assigned, Assigned;
    assigned_and_reopened: Assigned, Reopened;
    assigned_and_created: Assigned, Created;
    reopened_and_reopened: Reopened, Reopened;
    reopened_and_created: Reopened, Created;
    created_and_created: Created, Created;
}

#[test]
fn every_pair_of_status_kinds_has_its_test_and_its_line_with_a_reason() {
    for (at, a) in RANK.iter().enumerate() {
        for b in &RANK[at..] {
            let either = |x: &EventKind, y: &EventKind| (x, y) == (a, b) || (x, y) == (b, a);
            assert_eq!(TESTED.iter().filter(|(x, y)| either(x, y)).count(), 1, "{a:?} ∥ {b:?}");
            assert_eq!(PAIRS.iter().filter(|pair| either(&pair.stands, &pair.overtaken)).count(), 1, "{a:?} ∥ {b:?}");
            let line = lookup(a, b).unwrap();
            assert!(line.why.ends_with('.'));
            let call = CALLS.iter().find(|(x, y, _)| either(x, y)).map(|(_, _, flag)| *flag);
            assert_eq!(line.flag, call, "{a:?} ∥ {b:?}");
        }
    }
}

#[test]
fn the_table_of_later_events_is_total_and_gives_a_reason_for_each_cell() {
    assert_eq!(LATER.iter().map(|row| &row.earlier).collect::<Vec<_>>(), RANK.iter().collect::<Vec<_>>());
    for row in &LATER {
        assert_eq!(row.later.iter().map(|(kind, ..)| kind).collect::<Vec<_>>(), RANK.iter().collect::<Vec<_>>());
        for (later, effect, why) in &row.later {
            assert!(why.ends_with('.'), "{:?} then {later:?}", row.earlier);
            assert_eq!(*effect == Effect::NewRound, *later == Reopened);
            // Alone with its predecessor, the table's word is what happens.
            let outcome = derive(&[
                event(1, &Created, "desk", &[]),
                event(2, &row.earlier, "crew-1", &[1]),
                event(3, later, "crew-4", &[2]),
            ]);
            let set_by = if *effect == Effect::Stays { id(2) } else { id(3) };
            // Of three that say "created", the first one stands.
            if (&row.earlier, later) != (&Created, &Created) {
                assert_eq!(outcome.set_by, Some(set_by), "{:?} then {later:?}", row.earlier);
            }
            assert_eq!(outcome.flags, []);
        }
    }
}

// ---- taking back ----

#[test]
fn every_known_kind_says_whether_it_can_be_taken_back_and_why() {
    let known: BTreeSet<String> = UNDO.iter().map(|line| String::from(line.kind.clone())).collect();
    assert_eq!(known.len(), UNDO.len());
    for line in &UNDO {
        assert!(line.why.ends_with('.'), "{:?}", line.kind);
        let name = String::from(line.kind.clone());
        assert_eq!(EventKind::from(name), line.kind);
    }
    assert_eq!(undo_of(&EventKind::Unknown("inspected_by_drone".to_owned())), Undo::Never);
    let built: Vec<&EventKind> = BUILT.iter().map(|line| &line.withdrawn).collect();
    for kind in &RANK {
        let can = undo_of(kind) == Undo::Deed;
        assert_eq!(built.iter().filter(|row| **row == kind).count(), usize::from(can), "{kind:?}");
    }
    assert!(BUILT.iter().all(|line| line.why.ends_with('.')));
}

#[test]
fn whatever_happens_beside_a_withdrawal_comes_out_as_if_the_withdrawn_event_had_never_been() {
    let mut failures = Vec::new();
    for named in &RANK {
        for other in &RANK {
            // The other one saw what is taken back, or did not; and knew of the withdrawal, or did not.
            for (saw, knew) in [(false, false), (true, false), (true, true)] {
                let told = format!("{named:?} taken back, beside {other:?} (saw it: {saw}, knew: {knew})");
                let after: &[u64] = if knew {
                    &[3]
                } else if saw {
                    &[2]
                } else {
                    &[1]
                };
                let story = [
                    event(1, &Created, "desk", &[]),
                    event(2, named, "crew-1", &[1]),
                    withdrawn(3, &[2], &[2]),
                    event(4, other, "crew-4", after),
                ];
                let without = [event(1, &Created, "desk", &[]), event(4, other, "crew-4", &[1])];
                let (outcome, expected) = (derive(&story), derive(&without));
                let can = undo_of(named) != Undo::Never;
                if can
                    && (outcome.status, outcome.round, &outcome.set_by)
                        != (expected.status, expected.round, &expected.set_by)
                {
                    failures.push(format!("{told}: {:?}, expected {:?}", outcome.status, expected.status));
                }
                let flagged = outcome.flags.iter().any(|flag| flag.kind == FlagKind::BuiltOnWithdrawn);
                if flagged != (can && saw && !knew && needs_a_look(named, other)) {
                    failures.push(format!("{told}: flagged {flagged}"));
                }
                if can && outcome.flags.iter().any(|flag| flag.kind != FlagKind::BuiltOnWithdrawn) {
                    failures.push(format!("{told}: {:?}", outcome.flags));
                }
                if outcome.withdrawn.contains(&id(2)) != can {
                    failures.push(format!("{told}: withdrawn {:?}", outcome.withdrawn));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn two_people_who_take_back_the_same_thing_take_it_back_once() {
    let story = [
        event(1, &Created, "desk", &[]),
        event(2, &Completed, "crew-1", &[1]),
        withdrawn(3, &[2], &[2]),
        withdrawn(4, &[2], &[2]),
    ];
    assert_eq!(derive(&story).status, Status::Open);
}

#[test]
fn nobody_takes_back_what_they_had_not_seen() {
    let story = [event(1, &Created, "desk", &[]), event(2, &Completed, "crew-1", &[1]), withdrawn(3, &[2], &[1])];
    assert_eq!(derive(&story).status, Status::Completed);
}

#[test]
fn taking_back_a_taking_back_changes_nothing() {
    let story = [
        event(1, &Created, "desk", &[]),
        event(2, &Completed, "crew-1", &[1]),
        withdrawn(3, &[2], &[2]),
        withdrawn(4, &[3], &[3]),
    ];
    assert_eq!(derive(&story).status, Status::Open);
}

#[test]
fn what_a_withdrawn_event_had_replaced_counts_again() {
    let story = [
        event(1, &Created, "desk", &[]),
        event(2, &CannotComplete, "crew-1", &[1]),
        event(3, &Started, "crew-1", &[2]),
        withdrawn(4, &[3], &[3]),
    ];
    assert_eq!(derive(&story).status, Status::CannotComplete);
}

// ---- what is not known ----

#[test]
fn what_somebody_did_after_seeing_the_other_is_no_conflict() {
    let events =
        [event(1, &Created, "desk", &[]), event(2, &Started, "crew-4", &[1]), event(3, &Cancelled, "desk", &[2])];
    let outcome = derive(&events);
    assert_eq!((outcome.status, outcome.flags.len()), (Status::Cancelled, 0));
}

#[test]
fn events_of_unknown_kinds_and_unknown_parents_change_nothing() {
    let events = [
        event(1, &Created, "desk", &[]),
        event(2, &Started, "crew-4", &[1, 99]),
        event(3, &EventKind::Unknown("inspected_by_drone".to_owned()), "desk", &[2]),
    ];
    assert_eq!(derive(&events).status, Status::Working);
}
