//! How a seed becomes a plan.

use super::{CREWS, DAY, Happening, MOST_PHONES, Machine, PhonePlan, Plan, Role, TROUBLE_ENDS};
use crate::agenda::Ms;
use crate::disk::Blow;
use crate::network::{PhoneId, Weather};
use crate::seed::{Dice, Seed};
use rand::RngExt as _;

const MINUTE: Ms = 60_000;
const YEAR: i64 = 365 * 24 * 60 * 60 * 1_000;

impl Plan {
    /// The plan of a seed. Phones, days of work and troubles draw from streams of their own.
    #[must_use]
    pub fn of(seed: Seed) -> Self {
        let phones = phones(&mut seed.part("phones", 0).dice());
        let mut happenings = Vec::new();
        for planned in &phones {
            work(planned.phone, &mut seed.part("work", u64::from(planned.phone.0)).dice(), &mut happenings);
        }
        troubles(&phones, &mut seed.part("troubles", 0).dice(), &mut happenings);
        let mut dice = seed.part("city", 0).dice();
        let log_days = if dice.random_ratio(1, 2) { 0 } else { 14 };
        around(&mut dice, &mut happenings);
        again(&mut seed.part("restored again", 0).dice(), &mut happenings);
        // Stable: what is at one time stays in the order of drawing.
        happenings.sort_by_key(|(at, _)| *at);
        Self { phones, happenings, log_days }
    }
}

fn phones(dice: &mut Dice) -> Vec<PhonePlan> {
    // Small worlds meet more often on one work order, large ones show what grows.
    let most = if dice.random_ratio(1, 8) { MOST_PHONES } else { 8 };
    (0..dice.random_range(1..=most))
        .map(|number| PhonePlan {
            phone: PhoneId(number),
            role: role(dice),
            crew: dice.random_range(0..CREWS),
            clock_ahead: if dice.random_ratio(1, 3) { jump(dice) } else { dice.random_range(-2_000..=2_000) },
            weather: if dice.random_ratio(1, 4) { Weather::CALM } else { Weather::draw(dice) },
        })
        .collect()
}

fn role(dice: &mut Dice) -> Role {
    match dice.random_range(0..6_u32) {
        0 => Role::Supervisor,
        1 | 2 => Role::Inspector,
        _ => Role::Crew,
    }
}

/// Minutes, hours or years, either way.
fn jump(dice: &mut Dice) -> i64 {
    let most = [300_000, YEAR / 2_000, 10 * YEAR];
    let most = most.get(dice.random_range(0..most.len())).copied().unwrap_or(YEAR);
    dice.random_range(-most..=most)
}

/// What a person does: in spells, as people work, with syncs that they ask for in between.
fn work(phone: PhoneId, dice: &mut Dice, happenings: &mut Vec<(Ms, Happening)>) {
    for _ in 0..dice.random_range(2..=6_u32) {
        let mut at = dice.random_range(0..TROUBLE_ENDS - DAY / 8);
        // Where the work is there often is no signal, so that people act without seeing each other.
        if dice.random_ratio(1, 2) {
            happenings.push((at, Happening::Cut { phone, lasts: dice.random_range(MINUTE..4 * 60 * MINUTE) }));
        }
        for _ in 0..dice.random_range(1..=6_u32) {
            at += dice.random_range(0..20 * MINUTE);
            happenings.push((at, Happening::Act { phone, choice: dice.random() }));
            if dice.random_ratio(1, 4) {
                happenings.push((at + dice.random_range(0..MINUTE), Happening::Sync(phone)));
            }
        }
    }
}

/// What goes on without anybody's phone.
fn around(dice: &mut Dice, happenings: &mut Vec<(Ms, Happening)>) {
    for _ in 0..dice.random_range(1..=8_u32) {
        happenings.push((dice.random_range(0..TROUBLE_ENDS), Happening::Report { choice: dice.random() }));
    }
    for quarter in 1..TROUBLE_ENDS / (DAY / 4) {
        happenings.push((quarter * DAY / 4 + dice.random_range(0..MINUTE), Happening::Upkeep));
    }
    if dice.random_ratio(1, 4) {
        happenings.push((dice.random_range(DAY / 2..TROUBLE_ENDS), Happening::MonthPasses));
    }
}

/// A server that was restored is, in one world of three, restored a second time: mostly soon, from the same copy.
fn again(dice: &mut Dice, happenings: &mut Vec<(Ms, Happening)>) {
    let restored = happenings.iter().find(|(_, happening)| *happening == Happening::Restore(Machine::Server));
    if let Some((at, _)) = restored
        && dice.random_ratio(1, 3)
    {
        let most = if dice.random_ratio(2, 3) { 2 * 60 * MINUTE } else { TROUBLE_ENDS };
        let second = (at + dice.random_range(1..most)).min(TROUBLE_ENDS - 1);
        happenings.push((second, Happening::Restore(Machine::Server)));
    }
}

fn troubles(phones: &[PhonePlan], dice: &mut Dice, happenings: &mut Vec<(Ms, Happening)>) {
    for night in 1..TROUBLE_ENDS / DAY {
        happenings.push((night * DAY, Happening::BackUp(Machine::Server)));
    }
    if dice.random_ratio(1, 4) {
        happenings.push((DAY + dice.random_range(1..DAY * 2), Happening::Restore(Machine::Server)));
    }
    let count = u32::try_from(phones.len()).unwrap_or(1);
    for _ in 0..dice.random_range(2..=4 + 3 * count) {
        let at = dice.random_range(0..TROUBLE_ENDS);
        let chosen = phones.get(dice.random_range(0..phones.len().max(1)));
        if let Some(PhonePlan { phone, .. }) = chosen {
            trouble(at, *phone, dice, happenings);
        }
    }
}

fn trouble(at: Ms, phone: PhoneId, dice: &mut Dice, happenings: &mut Vec<(Ms, Happening)>) {
    let machine = if dice.random_ratio(1, 4) { Machine::Server } else { Machine::Phone(phone) };
    let lasts = dice.random_range(1..6 * 60 * MINUTE);
    let happening = match dice.random_range(0..16_u32) {
        0..=4 => {
            let blow = if dice.random_ratio(3, 4) { Blow::Power } else { Blow::Kill };
            let (nth, down_for) = (dice.random_range(1..=60), dice.random_range(0..60 * MINUTE));
            Happening::Crash { machine, nth, blow, down_for }
        }
        5 => Happening::ClockJump { phone, by: jump(dice) },
        6 => Happening::DiskFull { machine, spare: dice.random_range(0..100_000), lasts },
        7..=9 => Happening::Cut { phone, lasts },
        10..=12 => {
            let before = dice.random_range(0..=at);
            happenings.push((before, Happening::BackUp(Machine::Phone(phone))));
            Happening::Restore(Machine::Phone(phone))
        }
        13 | 14 => Happening::MoveCrew { phone, crew: dice.random_range(0..CREWS) },
        _ => Happening::ChangeRole { phone, role: role(dice) },
    };
    happenings.push((at, happening));
}
