//! How bad a link is.

use crate::agenda::Ms;
use crate::seed::Dice;
use rand::RngExt as _;

/// How bad one phone's link is: chances in a thousand, for each message of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weather {
    /// The usual delay in each direction, least and most, in milliseconds.
    pub delay: (Ms, Ms),
    /// A message takes up to two minutes, longer than a phone waits.
    pub crawls: u32,
    /// The request never reaches the server.
    pub loses_request: u32,
    /// The server works in vain.
    pub loses_answer: u32,
    /// The request reaches the server twice.
    pub doubles: u32,
    /// Only the beginning of the request reaches the server.
    pub cuts_request: u32,
    /// Only the beginning of the answer reaches the phone.
    pub cuts_answer: u32,
}

impl Weather {
    /// A good network: 20 to 60 ms, and nothing goes wrong.
    pub const CALM: Self = Self {
        delay: (20, 60),
        crawls: 0,
        loses_request: 0,
        loses_answer: 0,
        doubles: 0,
        cuts_request: 0,
        cuts_answer: 0,
    };

    /// From a good network to one on which every other message suffers.
    pub fn draw(dice: &mut Dice) -> Self {
        let least = dice.random_range(5..400);
        let mut chance = |most: u32| if dice.random_ratio(1, 3) { 0 } else { dice.random_range(0..=most) };
        Self {
            crawls: chance(100),
            loses_request: chance(300),
            loses_answer: chance(300),
            doubles: chance(300),
            cuts_request: chance(200),
            cuts_answer: chance(200),
            delay: (least, least + dice.random_range(1..2_000)),
        }
    }

    pub(super) fn delay(&self, dice: &mut Dice) -> Ms {
        if happens(self.crawls, dice) {
            return dice.random_range(1_000..=120_000);
        }
        let (least, most) = self.delay;
        dice.random_range(least..=most.max(least))
    }

    pub(super) fn loses_request(&self, dice: &mut Dice) -> bool {
        happens(self.loses_request, dice)
    }

    pub(super) fn loses_answer(&self, dice: &mut Dice) -> bool {
        happens(self.loses_answer, dice)
    }

    pub(super) fn duplicates(&self, dice: &mut Dice) -> bool {
        happens(self.doubles, dice)
    }

    /// The body as it arrives, or a shorter beginning of it.
    pub(super) fn shorten(&self, chance: u32, body: &[u8], dice: &mut Dice) -> Vec<u8> {
        let length =
            if happens(chance, dice) && !body.is_empty() { dice.random_range(0..body.len()) } else { body.len() };
        body.get(..length).unwrap_or_default().to_vec()
    }
}

fn happens(in_a_thousand: u32, dice: &mut Dice) -> bool {
    dice.random_ratio(in_a_thousand.min(1_000), 1_000)
}
