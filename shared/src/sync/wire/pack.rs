//! Packing a message before it is compressed: identifiers are written once, in binary, apart from the rest.
//!
//! Half of what a compressor cannot shrink in a page of work orders is identifiers as text: an action's id is in its change's
//! message, in the names of its entries, and in the `after` and `replaces` of later ones. Here each UUID and each SHA-256 is
//! taken out at its first appearance, into columns (the instants of UUIDv7 as differences, the random rest, the
//! hashes), and all appearances become a mark. Measured on 2,000 work orders of ten changes: 0.70 of the size after
//! brotli, 0.74 after `zstd -19`.
//!
//! A packed message is: version, three lengths, the three columns, then the bytes with marks in them. A mark is
//! [`MARK`] and a number in LEB128.

use super::{MAX_BODY, WireError};
use std::collections::HashMap;

const VERSION: u8 = 1;
/// Neither UTF-8 nor our CBOR has this byte; elsewhere it is marked as itself.
const MARK: u8 = 0xc1;
const ITSELF: u64 = 0;
/// Numbers from here on name something that came before: how many new ones ago, and in which form it stands there.
const AGAIN: u64 = 1 + FORMS;
const FORMS: u64 = 3;

const UUID_TEXT: usize = 36;
const HASH_TEXT: usize = 64;
/// CBOR's head of 16 bytes.
const SIXTEEN: u8 = 0x50;

/// What was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Id {
    Uuid([u8; 16]),
    Hash([u8; 32]),
}

/// In which form it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A UUID as 36 characters.
    Text,
    /// A UUID as CBOR's 16 bytes.
    Binary,
    /// A SHA-256 as 64 characters.
    Hex,
}

impl Form {
    fn number(self) -> u64 {
        match self {
            Self::Text => 0,
            Self::Binary => 1,
            Self::Hex => 2,
        }
    }

    fn numbered(number: u64) -> Option<Self> {
        [Self::Text, Self::Binary, Self::Hex].into_iter().find(|form| form.number() == number)
    }
}

/// Packs a message.
#[must_use]
pub fn pack(message: &[u8]) -> Vec<u8> {
    let mut columns = Columns::default();
    let mut rest = Vec::with_capacity(message.len());
    let mut known: HashMap<Id, u64> = HashMap::new();
    let mut at = 0;
    while let Some(&byte) = message.get(at) {
        if let Some((id, form, length)) = find(message, at) {
            rest.push(MARK);
            let count = known.len() as u64;
            match known.get(&id) {
                Some(nth) => leb128(&mut rest, AGAIN + (count - 1 - nth) * FORMS + form.number()),
                None => {
                    known.insert(id, count);
                    columns.push(id);
                    leb128(&mut rest, 1 + form.number());
                }
            }
            at += length;
        } else {
            rest.push(byte);
            if byte == MARK {
                leb128(&mut rest, ITSELF);
            }
            at += 1;
        }
    }
    let mut packed = vec![VERSION];
    for column in [&columns.times, &columns.randoms, &columns.hashes] {
        leb128(&mut packed, column.len() as u64);
    }
    for column in [columns.times, columns.randoms, columns.hashes, rest] {
        packed.extend(column);
    }
    packed
}

/// Unpacks what [`pack`] made.
///
/// # Errors
/// [`WireError`] when it is not that, or larger than [`MAX_BODY`].
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut reader = Reader(packed);
    if reader.take(1)? != [VERSION] {
        return Err(malformed("it is packed in another way"));
    }
    let lengths = [reader.length()?, reader.length()?, reader.length()?];
    let [mut times, mut randoms, mut hashes] =
        [reader.take(lengths[0])?, reader.take(lengths[1])?, reader.take(lengths[2])?].map(Reader);
    let mut ids: Vec<Id> = Vec::new();
    let mut message = Vec::with_capacity(packed.len().saturating_mul(2).min(MAX_BODY));
    let mut last = 0;
    let mut rest = reader;
    while let Some((&byte, left)) = rest.0.split_first() {
        rest = Reader(left);
        if byte != MARK {
            message.push(byte);
        } else {
            match rest.leb128()? {
                ITSELF => message.push(MARK),
                number @ 1..AGAIN => {
                    let form = Form::numbered(number - 1).ok_or_else(unknown)?;
                    let id = match form {
                        Form::Text | Form::Binary => Id::Uuid(uuid(&mut last, &mut times, &mut randoms)?),
                        Form::Hex => Id::Hash(array(hashes.take(32)?)),
                    };
                    ids.push(id);
                    write(&mut message, id, form)?;
                }
                number => {
                    let (ago, form) = ((number - AGAIN) / FORMS, (number - AGAIN) % FORMS);
                    let form = Form::numbered(form).ok_or_else(unknown)?;
                    let at = usize::try_from(ago).ok().and_then(|ago| ids.len().checked_sub(ago.checked_add(1)?));
                    let id = at.and_then(|at| ids.get(at)).ok_or_else(unknown)?;
                    write(&mut message, *id, form)?;
                }
            }
        }
        if message.len() > MAX_BODY {
            return Err(WireError::TooLarge(message.len()));
        }
    }
    if !(times.0.is_empty() && randoms.0.is_empty() && hashes.0.is_empty()) {
        return Err(malformed("it brings identifiers that it does not use"));
    }
    Ok(message)
}

#[derive(Default)]
struct Columns {
    last: i64,
    times: Vec<u8>,
    randoms: Vec<u8>,
    hashes: Vec<u8>,
}

impl Columns {
    fn push(&mut self, id: Id) {
        match id {
            Id::Hash(hash) => self.hashes.extend(hash),
            Id::Uuid(uuid) => {
                let time = uuid[..6].iter().fold(0_i64, |time, byte| time << 8 | i64::from(*byte));
                let step = time - self.last;
                self.last = time;
                leb128(&mut self.times, ((step << 1) ^ (step >> 63)).cast_unsigned());
                self.randoms.extend(&uuid[6..]);
            }
        }
    }
}

fn uuid(last: &mut i64, times: &mut Reader<'_>, randoms: &mut Reader<'_>) -> Result<[u8; 16], WireError> {
    let step = times.leb128()?;
    let step = (step >> 1).cast_signed() ^ -(step & 1).cast_signed();
    *last = last.checked_add(step).filter(|time| (0..1 << 48).contains(time)).ok_or_else(unknown)?;
    let mut uuid = [0; 16];
    uuid[..6].copy_from_slice(&last.to_be_bytes()[2..]);
    uuid[6..].copy_from_slice(randoms.take(10)?);
    Ok(uuid)
}

fn write(message: &mut Vec<u8>, id: Id, form: Form) -> Result<(), WireError> {
    match (id, form) {
        (Id::Uuid(bytes), Form::Text) => {
            for (at, byte) in bytes.iter().enumerate() {
                if matches!(at, 4 | 6 | 8 | 10) {
                    message.push(b'-');
                }
                hex(message, *byte);
            }
        }
        (Id::Uuid(bytes), Form::Binary) => {
            message.push(SIXTEEN);
            message.extend(bytes);
        }
        (Id::Hash(bytes), Form::Hex) => bytes.iter().for_each(|byte| hex(message, *byte)),
        _ => return Err(unknown()),
    }
    Ok(())
}

fn hex(message: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    message.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

/// The identifier that begins at `at`, its form, and how long it is.
fn find(message: &[u8], at: usize) -> Option<(Id, Form, usize)> {
    let rest = message.get(at..)?;
    if rest.first() == Some(&SIXTEEN) {
        // Only those of version 7, as ours are: other 16 bytes are better left to the compressor.
        let bytes: [u8; 16] = rest.get(1..17)?.try_into().ok()?;
        return (bytes[6] >> 4 == 7 && bytes[8] >> 6 == 2).then_some((Id::Uuid(bytes), Form::Binary, 17));
    }
    nibble(*rest.first()?)?;
    if rest.get(8) == Some(&b'-') {
        let text = rest.get(..UUID_TEXT)?;
        let mut digits = Vec::with_capacity(32);
        for (at, byte) in text.iter().enumerate() {
            match (matches!(at, 8 | 13 | 18 | 23), *byte) {
                (true, b'-') => {}
                (true, _) => return None,
                (false, byte) => digits.push(nibble(byte)?),
            }
        }
        return Some((Id::Uuid(bytes_of(&digits)), Form::Text, UUID_TEXT));
    }
    // A run of digits is looked at once, where it begins.
    let begins = at.checked_sub(1).and_then(|before| message.get(before)).is_none_or(|byte| nibble(*byte).is_none());
    let text = begins.then(|| rest.get(..HASH_TEXT))??;
    let digits: Vec<u8> = text.iter().map(|byte| nibble(*byte)).collect::<Option<_>>()?;
    Some((Id::Hash(bytes_of(&digits)), Form::Hex, HASH_TEXT))
}

fn nibble(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

fn bytes_of<const N: usize>(digits: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    bytes
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    array
}

fn leb128(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(|| malformed("it breaks off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn length(&mut self) -> Result<usize, WireError> {
        usize::try_from(self.leb128()?).map_err(|_| malformed("it breaks off"))
    }

    fn leb128(&mut self) -> Result<u64, WireError> {
        let mut number: u64 = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?.first().copied().unwrap_or_default();
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(malformed("a number in it has no end"))
    }
}

fn malformed(why: &str) -> WireError {
    WireError::Malformed(why.to_owned())
}

fn unknown() -> WireError {
    malformed("it names an identifier that it does not bring")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let id = prop_oneof![Just(7_u128), Just(8), any::<u128>()];
        let v7 = |n: u128| {
            uuid::Builder::from_unix_timestamp_millis(1_790_000_000_000 + (n as u64 & 0xff), &array(&n.to_le_bytes()))
        };
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(prop_oneof![Just(MARK), Just(b'-'), Just(b'a'), Just(SIXTEEN)], 0..80),
            id.clone().prop_map(|n| Uuid::from_u128(n).to_string().into_bytes()),
            id.clone().prop_map(|n| Uuid::from_u128(n).to_string().to_uppercase().into_bytes()),
            id.clone().prop_map(move |n| v7(n).into_uuid().to_string().into_bytes()),
            id.clone().prop_map(move |n| [&[SIXTEEN], v7(n).into_uuid().as_bytes().as_slice()].concat()),
            id.prop_map(|n| format!("{n:064x}").into_bytes()),
        ]
    }

    proptest! {
        #[test]
        fn whatever_was_packed_comes_out_the_same(pieces in prop::collection::vec(pieces(), 0..40)) {
            let message = pieces.concat();
            prop_assert_eq!(unpack(&pack(&message)).unwrap(), message);
        }

        #[test]
        fn whatever_arrives_is_unpacked_or_refused_within_bounds(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [&[VERSION], bytes.as_slice()].concat();
            prop_assert!(unpack(&bytes).is_err() || unpack(&bytes).is_ok_and(|message| message.len() <= bytes.len() * 36));
        }

        #[test]
        fn a_packed_message_that_is_cut_short_does_not_come_out_whole(pieces in prop::collection::vec(pieces(), 1..20), cut in any::<prop::sample::Index>()) {
            let message = pieces.concat();
            let packed = pack(&message);
            let cut = &packed[..cut.index(packed.len())];
            prop_assert!(unpack(cut).map_or(true, |unpacked| unpacked != message));
        }
    }

    #[test]
    fn an_identifier_is_written_once() {
        let id = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001).to_string();
        let message = format!("{id}:0 {id}:1 {id}:2 {id}").into_bytes();
        assert!(pack(&message).len() < 16 + 40, "{}", pack(&message).len());
    }

    #[test]
    fn a_few_bytes_do_not_become_a_flood() {
        let id = Uuid::from_u128(7).to_string().into_bytes();
        let mut packed = pack(&id);
        for _ in 0..(MAX_BODY / 36 + 1) {
            packed.extend([MARK, AGAIN as u8]);
        }
        assert!(matches!(unpack(&packed), Err(WireError::TooLarge(_))));
    }
}
