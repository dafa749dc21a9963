//! One file's content: what is on the medium for good, what programs read, and the writes in between.

use crate::seed::Dice;
use rand::RngExt as _;

/// A write is torn at multiples of this many bytes, as disks and flash promise no more.
pub const SECTOR: usize = 512;

/// What a loss of power made of one unsynced write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It reached the medium.
    Kept,
    /// It never did.
    Lost,
    /// Its first sectors did: so many bytes of it.
    Torn(usize),
}

/// How one loss of power treats unsynced writes; drawn once for each loss, so that "all" and "nothing" happen too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mood {
    keeps_percent: u32,
    tears_percent: u32,
}

impl Mood {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        match dice.random_range(0..8_u32) {
            0 => Self { keeps_percent: 0, tears_percent: 0 },
            1 => Self { keeps_percent: 100, tears_percent: 0 },
            _ => Self { keeps_percent: dice.random_range(5..=95), tears_percent: dice.random_range(0..=60) },
        }
    }

    pub(super) fn keeps(self, dice: &mut Dice) -> bool {
        dice.random_ratio(self.keeps_percent, 100)
    }
}

#[derive(Debug, Clone)]
enum Pending {
    Write { offset: usize, data: Vec<u8> },
    Resize(usize),
}

/// One file's content. `live` is always `durable` with everything that is `pending`.
#[derive(Debug, Clone, Default)]
pub(super) struct Inode {
    live: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Pending>,
}

impl Inode {
    pub(super) fn durable_from(content: Vec<u8>) -> Self {
        Self { live: content.clone(), durable: content, pending: Vec::new() }
    }

    /// Bytes, as programs see it.
    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    /// What would be left if the power went now and took every unsynced write.
    pub(super) fn durable(&self) -> &[u8] {
        &self.durable
    }

    /// Fills `into` from `offset` on, as far as the file goes, and says how far.
    pub(super) fn read(&self, offset: usize, into: &mut [u8]) -> usize {
        let there = self.live.get(offset..).unwrap_or_default();
        let count = there.len().min(into.len());
        if let (Some(into), Some(there)) = (into.get_mut(..count), there.get(..count)) {
            into.copy_from_slice(there);
        }
        count
    }

    pub(super) fn write(&mut self, offset: usize, data: &[u8]) {
        put(&mut self.live, offset, data);
        self.pending.push(Pending::Write { offset, data: data.to_vec() });
    }

    pub(super) fn resize(&mut self, size: usize) {
        self.live.resize(size, 0);
        self.pending.push(Pending::Resize(size));
    }

    pub(super) fn sync(&mut self) {
        for pending in self.pending.drain(..) {
            match pending {
                Pending::Write { offset, data } => put(&mut self.durable, offset, &data),
                Pending::Resize(size) => self.durable.resize(size, 0),
            }
        }
    }

    /// The power goes: each unsynced write has a fate of its own.
    pub(super) fn lose_power(&mut self, mood: Mood, dice: &mut Dice, mut tell: impl FnMut(Fate)) {
        for pending in self.pending.drain(..) {
            let fate = match pending {
                Pending::Write { offset, data } => {
                    let fate = fate_of(offset, data.len(), mood, dice);
                    let kept = match fate {
                        Fate::Kept => data.len(),
                        Fate::Lost => 0,
                        Fate::Torn(kept) => kept,
                    };
                    put(&mut self.durable, offset, data.get(..kept).unwrap_or_default());
                    fate
                }
                Pending::Resize(size) if mood.keeps(dice) => {
                    self.durable.resize(size, 0);
                    Fate::Kept
                }
                Pending::Resize(_) => Fate::Lost,
            };
            tell(fate);
        }
        self.live.clone_from(&self.durable);
    }
}

/// A write is torn only between sectors of the file, so one that lies within a sector never is.
fn fate_of(offset: usize, len: usize, mood: Mood, dice: &mut Dice) -> Fate {
    let borders = (offset + len).saturating_sub(1) / SECTOR - offset / SECTOR;
    if borders > 0 && dice.random_ratio(mood.tears_percent, 100) {
        let border = (offset / SECTOR + dice.random_range(1..=borders)) * SECTOR;
        return Fate::Torn(border - offset);
    }
    if mood.keeps(dice) { Fate::Kept } else { Fate::Lost }
}

/// Writes `data`; a gap before it becomes zeros.
fn put(content: &mut Vec<u8>, offset: usize, data: &[u8]) {
    if content.len() < offset && !data.is_empty() {
        content.resize(offset, 0);
    }
    let there = content.len().saturating_sub(offset).min(data.len());
    let (over, beyond) = data.split_at(there);
    if let Some(to) = content.get_mut(offset..offset + there) {
        to.copy_from_slice(over);
    }
    content.extend_from_slice(beyond);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    const TEARS: Mood = Mood { keeps_percent: 50, tears_percent: 100 };

    #[test]
    fn a_synced_write_survives_and_an_unsynced_one_is_at_the_mercy_of_the_dice() {
        let mut file = Inode::default();
        file.write(0, &[1; 600]);
        file.sync();
        file.write(600, &[2; 8]);
        file.lose_power(Mood { keeps_percent: 0, tears_percent: 0 }, &mut Seed(1).dice(), |_| {});
        assert_eq!(file.durable(), [1; 600]);
        assert_eq!(file.len(), 600);
    }

    #[test]
    fn a_torn_write_keeps_whole_sectors_of_its_beginning() {
        for seed in 0..200 {
            let mut file = Inode::default();
            file.write(0, &[1; 5000]);
            file.sync();
            file.write(100, &[2; 4000]);
            let mut fates = Vec::new();
            file.lose_power(TEARS, &mut Seed(seed).dice(), |fate| fates.push(fate));
            let [Fate::Torn(kept)] = fates[..] else { panic!("{fates:?}") };
            assert!((100 + kept).is_multiple_of(SECTOR) && kept > 0 && kept < 4000, "{kept}");
            let expected: Vec<u8> = [vec![1; 100], vec![2; kept], vec![1; 4900 - kept]].concat();
            assert_eq!(file.durable(), expected);
        }
    }

    #[test]
    fn a_write_within_one_sector_is_never_torn() {
        for seed in 0..100 {
            let mut file = Inode::default();
            file.write(24, &[2; 488]);
            file.lose_power(TEARS, &mut Seed(seed).dice(), |fate| assert!(!matches!(fate, Fate::Torn(_))));
        }
    }

    #[test]
    fn a_hole_left_by_a_lost_write_reads_as_zeros() {
        let mut file = Inode::default();
        file.write(4, b"end");
        let mut all = [9; 10];
        assert_eq!(file.read(0, &mut all), 7);
        assert_eq!(&all[..7], b"\0\0\0\0end");
        assert_eq!(file.read(7, &mut all), 0);
    }
}
