//! What becomes of a work order when people who did not see each other change it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod support;

use coldpatch_shared::action::Action;
use coldpatch_shared::city::Priority;
use coldpatch_shared::order::{Field, FlagKind, Labor, Note, Status};
use support::{ORDER, Phone, assign, complete, file, meet, priority};

/// A supervisor's desk, a crew's phone, and both have the same open job of crew 4.
fn desk_and_crew() -> (Phone, Phone) {
    let (mut desk, mut crew) = (Phone::supervisor(1), Phone::crew(2, "crew-4"));
    desk.does(file());
    desk.does(assign("crew-4"));
    crew.hears(&mut desk);
    (desk, crew)
}

#[test]
fn a_closure_survives_a_concurrent_reassignment_and_is_flagged() {
    let (mut desk, mut crew) = desk_and_crew();
    crew.does(Action::Start);
    crew.does(complete());
    desk.does(priority(Priority::Urgent));
    desk.does(assign("crew-1"));
    meet(&mut desk, &mut crew);
    for order in [desk.order(), crew.order()] {
        assert_eq!(order.status, Status::Completed);
        assert_eq!(order.priority, Priority::Urgent);
        assert_eq!(order.assignment, Some("crew-1".into()));
        let by = order.status_set_by.as_ref().unwrap();
        assert_eq!(by.stamp.crew, Some("crew-4".into()), "by those who did it");
        assert!(order.flags.iter().any(|flag| flag.kind == FlagKind::MovedWhileWorked), "{:?}", order.flags);
    }
    assert_eq!(desk.order(), crew.order());
}

#[test]
fn a_review_settles_the_flags_that_it_names() {
    let (mut desk, mut crew) = desk_and_crew();
    crew.does(complete());
    desk.does(assign("crew-1"));
    meet(&mut desk, &mut crew);
    let settles = desk.order().flags.iter().map(|flag| flag.id.clone()).collect();
    desk.does(Action::Review { settles, note: None });
    assert_eq!(desk.order().flags, []);
    assert_eq!(desk.order().status, Status::Completed);
}

#[test]
fn giving_a_job_to_the_crew_that_finishes_it_is_not_flagged() {
    let (mut desk, mut crew) = desk_and_crew();
    crew.does(complete());
    desk.does(assign("crew-4"));
    meet(&mut desk, &mut crew);
    assert_eq!(desk.order().flags, []);
}

#[test]
fn a_stale_completed_does_not_close_a_reopened_job_but_is_flagged() {
    let (mut desk, mut crew) = desk_and_crew();
    let mut other = Phone::crew(3, "crew-1");
    other.hears(&mut desk);
    crew.does(complete());
    desk.hears(&mut crew);
    desk.does(Action::Reopen { reason: "It sank again".to_owned() });
    other.does(complete());
    meet(&mut desk, &mut other);
    assert_eq!(desk.order().status, Status::Open);
    assert_eq!(desk.order().round, 1);
    assert!(desk.order().flags.iter().any(|flag| flag.kind == FlagKind::CompletedInEarlierRound));
}

#[test]
fn two_crews_that_finish_one_job_keep_both_labors_and_are_flagged_once() {
    let (mut desk, mut one) = desk_and_crew();
    let mut two = Phone::crew(3, "crew-1");
    two.hears(&mut desk);
    for (phone, minutes) in [(&mut one, 20), (&mut two, 35)] {
        phone.does(Action::RecordLabor { labor: Labor { people: 2, minutes, replaces: Vec::new() } });
        phone.does(complete());
    }
    meet(&mut one, &mut two);
    let order = one.order();
    assert_eq!(order.status, Status::Completed);
    assert_eq!(order.labor.iter().map(|labor| labor.body.minutes).sum::<u32>(), 55);
    assert_eq!(order.flags.iter().filter(|flag| flag.kind == FlagKind::DoubleDispatch).count(), 1);
}

#[test]
fn correcting_ones_own_labor_replaces_it_and_keeps_the_first_value_in_the_history() {
    let (_, mut crew) = desk_and_crew();
    crew.does(Action::RecordLabor { labor: Labor { people: 1, minutes: 10, replaces: Vec::new() } });
    let replaces = vec![crew.order().labor[0].id.clone()];
    crew.does(Action::RecordLabor { labor: Labor { people: 1, minutes: 20, replaces } });
    let order = crew.order();
    assert_eq!(order.labor.len(), 1);
    assert_eq!(order.labor[0].body.minutes, 20);
    let minutes: Vec<u32> = order
        .history
        .iter()
        .filter_map(|item| match &item.what {
            coldpatch_shared::order::view::HistoryWhat::Labor(labor) => Some(labor.minutes),
            _ => None,
        })
        .collect();
    assert_eq!(minutes, [10, 20]);
}

#[test]
fn nobody_elses_correction_takes_labor_away() {
    let (mut desk, mut crew) = desk_and_crew();
    crew.does(Action::RecordLabor { labor: Labor { people: 1, minutes: 10, replaces: Vec::new() } });
    desk.hears(&mut crew);
    let replaces = vec![crew.order().labor[0].id.clone()];
    desk.does(Action::RecordLabor { labor: Labor { people: 1, minutes: 1, replaces } });
    assert_eq!(desk.order().labor.iter().map(|labor| labor.body.minutes).sum::<u32>(), 11);
}

#[test]
fn concurrent_decisions_stay_visible_until_somebody_decides() {
    let (mut desk, mut crew) = desk_and_crew();
    let mut inspector = Phone::inspector(4);
    inspector.hears(&mut desk);
    desk.does(priority(Priority::Urgent));
    inspector.does(priority(Priority::Low));
    for _ in 0..5 {
        inspector.does(Action::AddNote { note: Note { text: "busy".to_owned() } });
    }
    meet(&mut desk, &mut inspector);
    crew.hears(&mut desk);
    assert_eq!(crew.order().priority, Priority::Urgent, "the supervisor outweighs the inspector");
    assert!(crew.order().disagreements.contains_key(&Field::Priority));
    desk.does(priority(Priority::High));
    assert_eq!(desk.order().priority, Priority::High);
    assert!(desk.order().disagreements.is_empty());
}

#[test]
fn two_people_who_decide_the_same_do_not_disagree_and_are_replaced_together() {
    let (mut desk, _) = desk_and_crew();
    let mut inspector = Phone::inspector(4);
    inspector.hears(&mut desk);
    desk.does(priority(Priority::Urgent));
    inspector.does(priority(Priority::Urgent));
    meet(&mut desk, &mut inspector);
    assert!(desk.order().disagreements.is_empty());
    desk.does(priority(Priority::Low));
    assert_eq!(desk.order().priority, Priority::Low);
    assert!(desk.order().disagreements.is_empty());
}

#[test]
fn an_action_that_is_applied_again_makes_nothing_new() {
    let (_, mut crew) = desk_and_crew();
    let deed = crew.deed(Action::AddNote { note: Note { text: "once".to_owned() } });
    assert!(coldpatch_shared::action::apply(&mut crew.doc, &deed, ORDER).unwrap().is_some());
    assert!(coldpatch_shared::action::apply(&mut crew.doc, &deed, ORDER).unwrap().is_none());
    assert_eq!(crew.order().notes.len(), 1);
}

#[test]
fn a_tick_that_was_taken_back_is_off_and_a_concurrent_tick_stays() {
    let (mut desk, mut crew) = desk_and_crew();
    let tick = |checked| Action::Tick { item: "cones".to_owned(), checked };
    crew.does(tick(true));
    assert!(crew.order().is_ticked("cones"));
    desk.hears(&mut crew);
    crew.does(tick(false));
    assert!(!crew.order().is_ticked("cones"));
    desk.does(tick(true));
    meet(&mut desk, &mut crew);
    assert!(crew.order().is_ticked("cones"));
}

#[test]
fn a_colleague_takes_back_a_tick_that_they_saw() {
    let (mut desk, mut crew) = desk_and_crew();
    let tick = |checked| Action::Tick { item: "cones".to_owned(), checked };
    crew.does(tick(true));
    desk.hears(&mut crew);
    desk.does(tick(false));
    crew.hears(&mut desk);
    assert!(!crew.order().is_ticked("cones"));
}

#[test]
fn an_obstacle_that_was_met_before_a_reopening_is_flagged() {
    let (mut desk, mut crew) = desk_and_crew();
    desk.does(Action::Cancel { reason: "duplicate".to_owned() });
    desk.does(Action::Reopen { reason: "it was none".to_owned() });
    crew.does(Action::CannotComplete { reason: "blocked".to_owned(), note: None });
    meet(&mut desk, &mut crew);
    let kinds: Vec<_> = desk.order().flags.iter().map(|flag| flag.kind).collect();
    assert!(kinds.contains(&FlagKind::ObstacleInEarlierRound), "{kinds:?}");
}

#[test]
fn a_phone_that_believes_it_is_1970_does_not_move_when_a_job_came_to_be() {
    let (mut desk, mut crew) = desk_and_crew();
    let created = desk.order().created_at;
    crew.clock = 0;
    crew.does(Action::AddNote { note: Note { text: "hello".to_owned() } });
    desk.hears(&mut crew);
    assert_eq!(desk.order().created_at, created);
}

#[test]
fn wrong_clocks_do_not_decide_the_order() {
    let (mut desk, mut crew) = desk_and_crew();
    crew.clock += 10 * 365 * 86_400_000;
    crew.does(Action::Start);
    desk.hears(&mut crew);
    desk.clock -= 10 * 365 * 86_400_000;
    desk.does(Action::Cancel { reason: "Dug up by the gas company".to_owned() });
    meet(&mut desk, &mut crew);
    assert_eq!(crew.order().status, Status::Cancelled);
    assert_eq!(crew.order().flags, [], "it was cancelled by somebody who saw that it had begun");
}

#[test]
fn a_job_given_away_and_back_to_the_crew_that_works_on_it_was_not_moved() {
    let (mut desk, mut crew) = desk_and_crew();
    crew.does(Action::Start);
    desk.does(assign("crew-1"));
    desk.does(assign("crew-4"));
    meet(&mut desk, &mut crew);
    assert_eq!(desk.order().flags, []);
}

#[test]
fn giving_a_job_back_after_learning_that_the_crew_works_on_it_takes_the_flag_away() {
    let (mut desk, mut crew) = desk_and_crew();
    crew.does(Action::Start);
    desk.does(assign("crew-1"));
    meet(&mut desk, &mut crew);
    assert_eq!(desk.order().flags.len(), 1);
    desk.does(assign("crew-4"));
    assert_eq!(desk.order().flags, []);
}

#[test]
fn a_job_given_away_back_and_away_again_was_moved() {
    let (mut desk, mut crew) = desk_and_crew();
    crew.does(Action::Start);
    desk.does(assign("crew-1"));
    desk.does(assign("crew-4"));
    desk.does(assign("crew-7"));
    meet(&mut desk, &mut crew);
    let order = desk.order();
    assert_eq!(order.flags.iter().map(|flag| flag.kind).collect::<Vec<_>>(), [FlagKind::MovedWhileWorked]);
}

#[test]
fn flags_of_a_closed_round_do_not_nag_but_what_the_reopening_did_not_see_does() {
    let (mut desk, mut crew) = desk_and_crew();
    let mut late = Phone::crew(3, "crew-7");
    late.hears(&mut desk);
    crew.does(complete());
    desk.does(assign("crew-1"));
    meet(&mut desk, &mut crew);
    assert_eq!(desk.order().flags.len(), 1);
    desk.does(Action::Reopen { reason: "sank".to_owned() });
    assert_eq!(desk.order().flags, [], "whoever reopened it saw the flag");
    late.does(complete());
    meet(&mut desk, &mut late);
    let kinds: Vec<_> = desk.order().flags.iter().map(|flag| flag.kind).collect();
    assert_eq!(kinds, [FlagKind::CompletedInEarlierRound]);
}

#[test]
fn a_review_that_was_concurrent_with_a_new_fact_does_not_clear_it() {
    let (mut desk, mut crew) = desk_and_crew();
    crew.does(Action::Start);
    desk.does(assign("crew-1"));
    desk.hears(&mut crew);
    let settles = desk.order().flags.iter().map(|flag| flag.id.clone()).collect();
    desk.does(Action::Review { settles, note: None });
    assert_eq!(desk.order().flags, []);
    crew.does(complete());
    desk.hears(&mut crew);
    let kinds: Vec<_> = desk.order().flags.iter().map(|flag| flag.kind).collect();
    assert_eq!(kinds, [FlagKind::MovedWhileWorked], "that it was finished is news to whoever looked at it");
}

#[test]
fn a_review_settles_no_flag_whose_events_its_author_had_not_seen() {
    let (mut desk, mut crew) = desk_and_crew();
    let mut other = Phone::supervisor(5);
    other.hears(&mut desk);
    crew.does(complete());
    other.does(assign("crew-1"));
    let (completed, assigned) = (crew.doc.facts().latest_events(), other.doc.facts().latest_events());
    let guessed = format!("moved_while_worked/{}/{}", completed[0], assigned[0]);
    desk.does(Action::Review { settles: vec![guessed.clone()], note: None });
    desk.hears(&mut crew);
    desk.hears(&mut other);
    assert_eq!(desk.order().flags.iter().map(|flag| flag.id.clone()).collect::<Vec<_>>(), [guessed]);
}
