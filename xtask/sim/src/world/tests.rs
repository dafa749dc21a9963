use super::*;
use crate::seed::Seed;
use std::collections::{BTreeMap, BTreeSet};

/// As many as CI runs.
const SEEDS: u64 = 300;

fn kind(happening: &Happening) -> String {
    let shown = format!("{happening:?}");
    let name = shown.split([' ', '{', '(']).next().unwrap_or_default().to_owned();
    if shown.contains("Server") { format!("{name} of the server") } else { name }
}

#[test]
fn the_same_seed_plans_the_same_world_and_others_plan_others() {
    let plans: Vec<Plan> = (0..SEEDS).map(|seed| Plan::of(Seed(seed))).collect();
    for (seed, plan) in (0..).zip(&plans) {
        assert_eq!(&Plan::of(Seed(seed)), plan);
    }
    assert!(plans.iter().zip(plans.iter().skip(1)).all(|(one, next)| one != next));
}

#[test]
fn every_kind_of_bad_day_comes_often_within_300_seeds() {
    let mut worlds: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..SEEDS {
        let plan = Plan::of(Seed(seed));
        let kinds: BTreeSet<String> = plan.happenings.iter().map(|(_, happening)| kind(happening)).collect();
        kinds.into_iter().for_each(|kind| *worlds.entry(kind).or_default() += 1);
    }
    let rare: Vec<_> = worlds.iter().filter(|(_, count)| **count < 30).collect();
    assert!(rare.is_empty(), "in less than 30 worlds: {rare:?}");
    assert_eq!(worlds.len(), 17, "{worlds:?}");
}

#[test]
fn some_servers_are_restored_twice() {
    let restores = |plan: &Plan| {
        let of_server = |happening: &Happening| *happening == Happening::Restore(Machine::Server);
        plan.happenings.iter().filter(|(_, happening)| of_server(happening)).count()
    };
    let twice = (0..SEEDS).filter(|seed| restores(&Plan::of(Seed(*seed))) == 2).count();
    assert!(twice >= 15, "only in {twice} worlds");
}

#[test]
fn worlds_are_small_and_large_with_every_role_and_wrong_clocks() {
    let plans: Vec<Plan> = (0..SEEDS).map(|seed| Plan::of(Seed(seed))).collect();
    let sizes: BTreeSet<usize> = plans.iter().map(|plan| plan.phones.len()).collect();
    assert_eq!((sizes.first(), sizes.last()), (Some(&1), Some(&usize::from(MOST_PHONES))));
    let phones = || plans.iter().flat_map(|plan| &plan.phones);
    for role in [Role::Crew, Role::Inspector, Role::Supervisor] {
        assert!(phones().any(|phone| phone.role == role));
    }
    let year = 365 * i64::try_from(DAY).unwrap();
    assert!(phones().any(|phone| phone.clock_ahead > 5 * year));
    assert!(phones().any(|phone| phone.clock_ahead < -5 * year));
    assert!(phones().all(|phone| phone.clock_ahead.abs() <= 10 * year && phone.crew < CREWS));
}

#[test]
fn happenings_are_in_order_before_the_end_and_nothing_is_restored_that_was_not_backed_up() {
    for seed in 0..SEEDS {
        let plan = Plan::of(Seed(seed));
        assert!(plan.happenings.is_sorted_by_key(|(at, _)| *at));
        let mut copies = Vec::new();
        for (at, happening) in &plan.happenings {
            assert!(*at < TROUBLE_ENDS, "seed {seed}: {happening:?} at {at}");
            match happening {
                Happening::BackUp(machine) => copies.push(*machine),
                Happening::Restore(machine) => assert!(copies.contains(machine), "seed {seed}: {machine:?}"),
                _ => {}
            }
        }
    }
}
