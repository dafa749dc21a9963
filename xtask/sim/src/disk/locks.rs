//! SQLite's five lock levels between the connections to one file, with nobody to wait for anybody.

/// A level; each one contains those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Does nothing with the file.
    None,
    /// Reads.
    Shared,
    /// Will write; others may still read.
    Reserved,
    /// Waits for the readers to end; no new ones.
    Pending,
    /// Writes.
    Exclusive,
}

impl Level {
    /// From SQLite's number.
    pub(super) fn from_number(number: i32) -> Self {
        match number {
            ..=0 => Self::None,
            1 => Self::Shared,
            2 => Self::Reserved,
            3 => Self::Pending,
            4.. => Self::Exclusive,
        }
    }
}

/// The level that a connection has after it asked for `wanted`, and whether that is what it wanted.
pub(super) fn ask(mine: Level, highest_other: Level, wanted: Level) -> (Level, bool) {
    if wanted <= mine {
        return (mine, true);
    }
    let blocked = highest_other >= Level::Pending || (wanted > Level::Shared && highest_other > Level::Shared);
    if blocked {
        return (mine, false);
    }
    // Readers are let out, and no new ones in, or a writer would wait for ever.
    if wanted == Level::Exclusive && highest_other == Level::Shared {
        return (Level::Pending, false);
    }
    (wanted, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Exclusive, None, Pending, Reserved, Shared};

    #[test]
    fn at_most_one_writes_and_nobody_reads_meanwhile() {
        for (mine, other, wanted, granted) in [
            (None, Shared, Shared, (Shared, true)),
            (None, Reserved, Shared, (Shared, true)),
            (None, Pending, Shared, (None, false)),
            (None, Exclusive, Shared, (None, false)),
            (Shared, Shared, Reserved, (Reserved, true)),
            (Shared, Reserved, Reserved, (Shared, false)),
            (Shared, Reserved, Exclusive, (Shared, false)),
            (Shared, None, Exclusive, (Exclusive, true)),
            (Reserved, Shared, Exclusive, (Pending, false)),
            (Pending, None, Exclusive, (Exclusive, true)),
            (Exclusive, None, Shared, (Exclusive, true)),
        ] {
            assert_eq!(ask(mine, other, wanted), granted, "{mine:?} beside {other:?} wants {wanted:?}");
        }
    }
}
