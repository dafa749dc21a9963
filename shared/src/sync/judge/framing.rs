//! Exactly one uncompressed change chunk (Automerge's binary format, chunk type 1), before anything parses it.
//!
//! A chunk is: magic `85 6f 4a 83`, a 4-byte checksum, the type, the length of the rest in LEB128, the rest. Bundles
//! and compressed chunks are not for phones to send: the first can make the parser loop, the second can be a bomb.
//!
//! The operations are columns of run-length encoded values, so a few bytes can claim billions of them, and Automerge
//! expands them while it parses. They are counted here first. Format: <https://automerge.org/automerge-binary-format-spec/>.

use super::{MAX_CHANGE, MAX_OPERATIONS, refused};
use crate::sync::wire::{RefusalCode, Verdict};
use std::collections::HashSet;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const TYPE_AT: usize = 8;
const CHANGE: u8 = 1;
const HASH: usize = 32;
/// The most bytes of a LEB128 number with 64 bits.
const LONGEST: u32 = 10;
/// Ours have 24 bytes.
const MAX_ACTOR: usize = 64;
/// Ours have one column for each of Automerge's dozen kinds.
const MAX_COLUMNS: u64 = 64;
/// Other writers whose entries one change refers to. Ours refer to the containers' maker.
const MAX_OTHER_ACTORS: u64 = 64;
/// The latest changes that a change builds on: as many as there are writers who have not seen each other.
const MAX_DEPENDENCIES: usize = 1_000;
/// A group column counts its operations and their predecessors.
const MAX_VALUES: u64 = 2 * MAX_OPERATIONS as u64;
/// What the texts of one column may come to when each is written out as often as it is repeated, in bytes.
const MAX_TEXT: u64 = 4 * MAX_CHANGE as u64;

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Malformed,
    TooLarge,
}

/// Checks the frame, and how many operations it claims to hold.
///
/// # Errors
/// A refusal when it is not one uncompressed change of a reasonable size.
pub(super) fn check(bytes: &[u8]) -> Result<(), Verdict> {
    frame(bytes).map_err(|wrong| match wrong {
        Wrong::Malformed => refused(RefusalCode::Malformed, "This is not a change of a work order."),
        Wrong::TooLarge => refused(RefusalCode::TooLarge, "This change is larger than one edit can be."),
    })
}

fn frame(bytes: &[u8]) -> Result<(), Wrong> {
    if bytes.len() > MAX_CHANGE {
        return Err(Wrong::TooLarge);
    }
    if bytes.get(..MAGIC.len()) != Some(&MAGIC) || bytes.get(TYPE_AT) != Some(&CHANGE) {
        return Err(Wrong::Malformed);
    }
    let mut rest = Reader(&bytes[TYPE_AT + 1..]);
    if rest.length()? != rest.0.len() {
        return Err(Wrong::Malformed);
    }
    body(rest)
}

fn body(mut rest: Reader<'_>) -> Result<(), Wrong> {
    let dependencies = rest.length()?;
    if dependencies > MAX_DEPENDENCIES {
        return Err(Wrong::TooLarge);
    }
    let (hashes, _) = rest.take(dependencies * HASH)?.as_chunks::<HASH>();
    if hashes.iter().collect::<HashSet<_>>().len() != dependencies {
        return Err(Wrong::Malformed);
    }
    rest.actor()?;
    rest.unsigned()?; // sequence number
    rest.unsigned()?; // first operation
    rest.signed()?; // time
    rest.prefixed()?; // message
    let others = rest.unsigned()?;
    if others > MAX_OTHER_ACTORS {
        return Err(Wrong::TooLarge);
    }
    for _ in 0..others {
        rest.actor()?;
    }
    let columns = rest.unsigned()?;
    if columns > MAX_COLUMNS {
        return Err(Wrong::TooLarge);
    }
    let mut meta = Vec::new();
    for _ in 0..columns {
        meta.push((rest.unsigned()?, rest.length()?));
    }
    for (spec, length) in meta {
        column(spec, Reader(rest.take(length)?))?;
    }
    // No version of ours writes anything behind the columns.
    if rest.0.is_empty() { Ok(()) } else { Err(Wrong::Malformed) }
}

/// How a column's values are encoded, by the lowest bits of its specification.
fn column(spec: u64, data: Reader<'_>) -> Result<(), Wrong> {
    const DEFLATED: u64 = 0b1000;
    if spec & DEFLATED != 0 {
        return Err(Wrong::Malformed);
    }
    match spec & 0b111 {
        0 => runs(data, MAX_VALUES, Reader::unsigned), // group: how many values the next columns have for an operation
        1 | 2 | 6 => runs(data, 0, |data| data.unsigned().map(|_| 0)),
        3 => runs(data, 0, |data| data.signed().map(|_| 0)),
        4 => booleans(data),
        5 => runs(data, MAX_TEXT, |data| data.prefixed().map(|text| text.len() as u64)),
        _ => Ok(()), // raw bytes, counted by their length
    }
}

/// Run-length encoding: a positive count repeats the next value, a negative one is followed by so many values, zero by a
/// count of nulls. `weight` reads a value and says what it weighs; all of them may weigh `most`.
fn runs<'a>(
    mut data: Reader<'a>,
    most: u64,
    weight: impl Fn(&mut Reader<'a>) -> Result<u64, Wrong>,
) -> Result<(), Wrong> {
    let (mut values, mut weighs): (u64, u64) = (0, 0);
    while !data.0.is_empty() {
        let count = data.signed()?;
        match count {
            1.. => {
                values = values.saturating_add(count.unsigned_abs());
                weighs = weighs.saturating_add(count.unsigned_abs().saturating_mul(weight(&mut data)?));
            }
            0 => values = values.saturating_add(data.unsigned()?),
            _ => {
                values = values.saturating_add(count.unsigned_abs());
                within(values, MAX_VALUES)?;
                for _ in 0..count.unsigned_abs() {
                    weighs = weighs.saturating_add(weight(&mut data)?);
                }
            }
        }
        within(values, MAX_VALUES)?;
        within(weighs, most)?;
    }
    Ok(())
}

/// Alternating counts of false and true.
fn booleans(mut data: Reader<'_>) -> Result<(), Wrong> {
    let mut total: u64 = 0;
    while !data.0.is_empty() {
        total = total.saturating_add(data.unsigned()?);
        within(total, MAX_VALUES)?;
    }
    Ok(())
}

fn within(total: u64, most: u64) -> Result<(), Wrong> {
    if total > most { Err(Wrong::TooLarge) } else { Ok(()) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Wrong> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Wrong::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn prefixed(&mut self) -> Result<&'a [u8], Wrong> {
        let length = self.length()?;
        self.take(length)
    }

    fn actor(&mut self) -> Result<(), Wrong> {
        if self.prefixed()?.len() > MAX_ACTOR {
            return Err(Wrong::TooLarge);
        }
        Ok(())
    }

    fn length(&mut self) -> Result<usize, Wrong> {
        usize::try_from(self.unsigned()?).map_err(|_| Wrong::Malformed)
    }

    /// An unsigned LEB128 number of at most 64 bits, as short as it can be.
    fn unsigned(&mut self) -> Result<u64, Wrong> {
        let (value, bytes, last) = self.leb128()?;
        let too_large = bytes == LONGEST && last > 1;
        let too_long = bytes > 1 && last == 0;
        if too_large || too_long { Err(Wrong::Malformed) } else { Ok(value) }
    }

    /// A signed LEB128 number of at most 64 bits.
    fn signed(&mut self) -> Result<i64, Wrong> {
        let (value, bytes, last) = self.leb128()?;
        if bytes == LONGEST {
            // The tenth byte has room for the sign only.
            return if matches!(last, 0 | 0x7f) { Ok(value.cast_signed()) } else { Err(Wrong::Malformed) };
        }
        let negative = last & 0x40 != 0;
        let value = if negative { value | (u64::MAX << (bytes * 7)) } else { value };
        Ok(value.cast_signed())
    }

    /// The number, how many bytes it had, and the last of them.
    fn leb128(&mut self) -> Result<(u64, u32, u8), Wrong> {
        let mut value: u64 = 0;
        for bytes in 1..=LONGEST {
            let byte = *self.take(1)?.first().ok_or(Wrong::Malformed)?;
            value |= u64::from(byte & 0x7f) << ((bytes - 1) * 7);
            if byte & 0x80 == 0 {
                return Ok((value, bytes, byte));
            }
        }
        Err(Wrong::Malformed)
    }
}
