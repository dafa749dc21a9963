//! Numbers that look like chance and are the same each time: SplitMix64 (Steele, Lea, Flood 2014).

/// A row of numbers.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The row of this seed and number; rows of different numbers have nothing to do with each other.
    #[must_use]
    pub fn new(seed: u64, number: u64) -> Self {
        let mut dice = Self(seed);
        let mixed = dice.number() ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93);
        Self(mixed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, 1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
    pub fn share(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 up to, not including, `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() >> 33).unwrap_or(0).checked_rem(end).unwrap_or(0)
    }

    /// Whether something that happens with this probability does.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// One of them; `None` when there are none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// Sixteen bytes.
    pub fn bytes(&mut self) -> [u8; 16] {
        (u128::from(self.number()) << 64 | u128::from(self.number())).to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn a_row_is_the_same_each_time_and_unlike_its_neighbors() {
        let row = |seed, number| {
            let mut dice = Dice::new(seed, number);
            [dice.number(), dice.number(), dice.number()]
        };
        assert_eq!(row(7, 3), row(7, 3));
        assert_ne!(row(7, 3), row(7, 4));
        assert_ne!(row(7, 3), row(8, 3));
    }
}
