//! How many items a CBOR body holds, before anything is made of them: 8 MB can hold 8 million empty texts, and each
//! takes 24 bytes and more once it is read. Nor may it claim items that are not there: the decoder makes room for what is
//! claimed, at each level of nesting.

/// An item of ours takes more than this on average, in bytes.
const SHORTEST: usize = 4;
/// What a short body may hold in any case.
const ALWAYS: usize = 4_096;
/// What no body may exceed.
const MOST: usize = 1 << 20;

/// Whether the body has no more items than one of ours with its length, and claims no more than it has.
pub(super) fn plausible(body: &[u8]) -> bool {
    let most = (ALWAYS + body.len() / SHORTEST).min(MOST);
    let (mut items, mut claimed) = (0_usize, 0_u64);
    let mut rest = body;
    while let Some((kind, argument)) = head(&mut rest) {
        items += 1;
        if items > most {
            return false;
        }
        match kind {
            // Bytes and texts. Where they are cut off, the decoder says so.
            2 | 3 => rest = usize::try_from(argument).ok().and_then(|length| rest.get(length..)).unwrap_or_default(),
            4 => claimed = claimed.saturating_add(argument),
            5 => claimed = claimed.saturating_add(argument.saturating_mul(2)),
            _ => (),
        }
    }
    claimed <= items as u64
}

/// Takes the head of an item: its kind, and its length or value.
fn head(rest: &mut &[u8]) -> Option<(u8, u64)> {
    let (first, left) = rest.split_first()?;
    let (argument, left) = match first & 0x1f {
        size @ 24..=27 => {
            let (bytes, left) = left.split_at_checked(1 << (size - 24))?;
            (bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)), left)
        }
        31 => (0, left), // of indefinite length: its parts are items
        small => (small.into(), left),
    };
    *rest = left;
    Some((first >> 5, argument))
}
