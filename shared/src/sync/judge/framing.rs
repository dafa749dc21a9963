//! Exactly one uncompressed change chunk (Automerge's binary format, chunk type 1), before anything parses it.
//!
//! A chunk is: magic `85 6f 4a 83`, a 4-byte checksum, the type, the length of the rest in LEB128, the rest. Bundles
//! and compressed chunks are not for phones to send: the first can make the parser loop, the second can be a bomb.
//!
//! The operations are columns of run-length encoded values, so a few bytes can claim billions of them, and Automerge
//! expands them while it parses. They are counted here first. Format: <https://automerge.org/automerge-binary-format-spec/>.

use super::{MAX_CHANGE, MAX_OPERATIONS, refused};
use crate::sync::wire::{RefusalCode, Verdict};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const TYPE_AT: usize = 8;
const CHANGE: u8 = 1;
const HASH: usize = 32;
/// Ours have 24 bytes.
const MAX_ACTOR: usize = 64;
/// Ours have one column for each of Automerge's dozen kinds.
const MAX_COLUMNS: u64 = 64;

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
    rest.take(dependencies.checked_mul(HASH).ok_or(Wrong::Malformed)?)?;
    rest.actor()?;
    rest.unsigned()?; // sequence number
    rest.unsigned()?; // first operation
    rest.signed()?; // time
    rest.prefixed()?; // message
    for _ in 0..rest.unsigned()?.min(MAX_COLUMNS) {
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
        0 => runs(data, |data| data.unsigned()), // group: how many values the next columns have for an operation
        1 | 2 | 6 => runs(data, |data| data.unsigned().map(|_| 0)),
        3 => runs(data, |data| data.signed().map(|_| 0)),
        4 => booleans(data),
        5 => runs(data, |data| data.prefixed().map(|_| 0)),
        _ => Ok(()), // raw bytes, counted by their length
    }
}

/// Run-length encoding: a positive count repeats the next value, a negative one is followed by so many values, zero by a
/// count of nulls. `weight` reads a value and says what it adds beyond itself.
fn runs(mut data: Reader<'_>, weight: impl Fn(&mut Reader<'_>) -> Result<u64, Wrong>) -> Result<(), Wrong> {
    let mut total: u64 = 0;
    while !data.0.is_empty() {
        let count = data.signed()?;
        let add = match count {
            1.. => count.unsigned_abs().saturating_mul(weight(&mut data)?.saturating_add(1)),
            0 => data.unsigned()?,
            _ => {
                let mut sum: u64 = 0;
                for _ in 0..count.unsigned_abs().min(MAX_CHANGE as u64) {
                    sum = sum.saturating_add(weight(&mut data)?.saturating_add(1));
                }
                sum.max(count.unsigned_abs())
            }
        };
        total = total.saturating_add(add);
        within(total)?;
    }
    Ok(())
}

/// Alternating run lengths of false and true.
fn booleans(mut data: Reader<'_>) -> Result<(), Wrong> {
    let mut total: u64 = 0;
    while !data.0.is_empty() {
        total = total.saturating_add(data.unsigned()?);
        within(total)?;
    }
    Ok(())
}

fn within(total: u64) -> Result<(), Wrong> {
    // A group column counts its operations and their predecessors.
    if total > 2 * MAX_OPERATIONS as u64 { Err(Wrong::TooLarge) } else { Ok(()) }
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

    /// An unsigned LEB128 number of at most 64 bits.
    fn unsigned(&mut self) -> Result<u64, Wrong> {
        self.leb128().map(|(value, _, _)| value)
    }

    /// A signed LEB128 number of at most 64 bits.
    fn signed(&mut self) -> Result<i64, Wrong> {
        let (value, bits, last) = self.leb128()?;
        let negative = last & 0x40 != 0 && bits < 64;
        let value = if negative { value | (u64::MAX << bits) } else { value };
        Ok(value.cast_signed())
    }

    /// The number, how many bits it had, and its last byte.
    fn leb128(&mut self) -> Result<(u64, u32, u8), Wrong> {
        let mut value: u64 = 0;
        for at in 0..10_u32 {
            let byte = *self.take(1)?.first().ok_or(Wrong::Malformed)?;
            value |= u64::from(byte & 0x7f).checked_shl(at * 7).ok_or(Wrong::Malformed)?;
            if byte & 0x80 == 0 {
                return Ok((value, (at + 1) * 7, byte));
            }
        }
        Err(Wrong::Malformed)
    }
}
