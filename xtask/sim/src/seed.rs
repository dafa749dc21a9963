//! Where every draw of a world comes from: one number, and a stream of its own for each part.

use rand::SeedableRng as _;
use rand_pcg::Pcg64;

/// The generator that all draws use: small, the same on every platform.
pub type Dice = Pcg64;

/// The number that a world is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed of a part, by its name and number: a draw more in one part does not change what others draw.
    #[must_use]
    pub fn part(self, name: &str, number: u64) -> Self {
        // FNV-1a tells the names apart, the finalizer of SplitMix64 spreads neighbors.
        let named = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self(spread(spread(self.0 ^ named).wrapping_add(number)))
    }

    /// A fresh generator at this seed's beginning.
    #[must_use]
    pub fn dice(self) -> Dice {
        Dice::seed_from_u64(self.0)
    }
}

fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt as _;
    use std::collections::BTreeSet;

    #[test]
    fn parts_and_numbers_draw_differently_and_the_same_part_draws_the_same() {
        let mut first = BTreeSet::new();
        for name in ["network", "disk", "plan"] {
            for number in 0..100 {
                let draw = || Seed(7).part(name, number).dice().random::<u64>();
                assert_eq!(draw(), draw());
                assert!(first.insert(draw()), "{name} {number} draws what another drew");
            }
        }
    }
}
