//! Exactly one uncompressed change chunk (Automerge's binary format, chunk type 1), before anything parses it.
//!
//! A chunk is: magic `85 6f 4a 83`, a 4-byte checksum, the type, the length of the rest in LEB128, the rest. Bundles
//! and compressed chunks are not for phones to send: the first can make the parser loop, the second can be a bomb.

use super::{MAX_CHANGE, refused};
use crate::sync::wire::{RefusalCode, Verdict};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const TYPE_AT: usize = 8;
const CHANGE: u8 = 1;

/// Checks the frame.
///
/// # Errors
/// A refusal when it is not one uncompressed change of a reasonable size.
pub(super) fn check(bytes: &[u8]) -> Result<(), Verdict> {
    if bytes.len() > MAX_CHANGE {
        return Err(refused(
            RefusalCode::TooLarge,
            "This change is larger than one edit can be.",
        ));
    }
    let malformed = || {
        refused(
            RefusalCode::Malformed,
            "This is not a change of a work order.",
        )
    };
    if bytes.get(..MAGIC.len()) != Some(&MAGIC) || bytes.get(TYPE_AT) != Some(&CHANGE) {
        return Err(malformed());
    }
    let (length, header) =
        leb128(bytes.get(TYPE_AT + 1..).unwrap_or_default()).ok_or_else(malformed)?;
    if TYPE_AT + 1 + header + length == bytes.len() {
        Ok(())
    } else {
        Err(malformed())
    }
}

/// An unsigned LEB128 number of at most 32 bits, and how many bytes it took.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value: usize = 0;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f).checked_shl(u32::try_from(at).ok()? * 7)?;
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}
