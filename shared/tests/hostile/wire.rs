//! Bodies that are not sync messages.

use super::allocator::peak;
use super::messages;
use super::targets::{WIRE_MEMORY, wire};
use coldpatch_shared::sync::wire::{MAX_BODY, SyncRequest, SyncResponse, WireError, decode, encode};

/// Neither a request nor an answer, and little memory to find out.
fn refused(what: &str, bytes: &[u8], most: usize) {
    let ((request, response), held) = peak(|| (decode::<SyncRequest>(bytes), decode::<SyncResponse>(bytes)));
    assert!(request.is_err() && response.is_err(), "{what} was read");
    assert!(held <= most, "{what}: {held} bytes of memory");
}

/// A request in which one field is replaced by raw CBOR.
fn request_with(field: &str, value: &[u8]) -> Vec<u8> {
    let fields: [(&str, &[u8]); 3] = [("protocol", &[2]), ("device_time", &[0]), ("budget", &[0])];
    let mut out = Vec::new();
    let others: Vec<_> = fields.into_iter().filter(|(name, _)| *name != field).collect();
    out.push(0xa0 | u8::try_from(others.len() + 1).unwrap());
    for (name, value) in others.into_iter().chain([(field, value)]) {
        out.extend(encode(&name).unwrap());
        out.extend(value);
    }
    out
}

#[test]
fn everything_that_travels_arrives_as_it_was_sent() {
    let (request, response) = (messages::request(), messages::response());
    assert_eq!(decode::<SyncRequest>(&encode(&request).unwrap()).unwrap(), request);
    assert_eq!(decode::<SyncResponse>(&encode(&response).unwrap()).unwrap(), response);
}

#[test]
fn a_message_cut_off_anywhere_is_refused() {
    for message in [encode(&messages::request()).unwrap(), encode(&messages::response()).unwrap()] {
        for length in 0..message.len() {
            refused(&format!("cut at {length}"), &message[..length], 1 << 20);
        }
    }
}

#[test]
fn a_message_with_any_byte_changed_is_read_as_something_or_refused() {
    for message in [encode(&messages::request()).unwrap(), encode(&messages::response()).unwrap()] {
        for at in 0..message.len() {
            for flip in [0x01, 0x20, 0xff] {
                let mut bytes = message.clone();
                bytes[at] ^= flip;
                wire(&bytes);
            }
        }
    }
}

#[test]
fn bytes_after_the_end_and_too_many_bytes_are_refused() {
    let mut message = encode(&messages::request()).unwrap();
    message.push(0);
    assert!(matches!(decode::<SyncRequest>(&message), Err(WireError::Trailing(1))));
    assert!(matches!(decode::<SyncRequest>(&vec![0; MAX_BODY + 1]), Err(WireError::TooLarge(_))));
}

#[test]
fn claimed_lengths_take_no_memory() {
    let huge = [0x10, 0, 0, 0, 0, 0, 0, 0]; // 2^60
    for field in ["changes", "compare", "receipts", "given_back", "buckets", "cursor", "unknown", "budget"] {
        for major in [0x5b, 0x7b, 0x9b, 0xbb, 0xdb] {
            let claimed = [&[major], huge.as_slice()].concat();
            refused(&format!("{field}, 2^60 of {major:x}"), &request_with(field, &claimed), 3 << 20);
            // The same, one level further in.
            refused(&format!("[{field}]"), &request_with(field, &[&[0x81], claimed.as_slice()].concat()), 3 << 20);
        }
    }
}

#[test]
fn wrong_types_are_refused() {
    let values: [(&str, &[u8]); 8] = [
        ("a text", &[0x61, b'x']),
        ("a negative number", &[0x20]),
        ("a number beyond 64 bits", &[0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("a float", &[0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0]),
        ("an array", &[0x81, 0x81, 0x00]),
        ("a map", &[0xa1, 0x00, 0x00]),
        ("a tag without a value", &[0xc1]),
        ("a break", &[0xff]),
    ];
    for (what, value) in values {
        for field in ["protocol", "budget", "changes", "compare", "receipts"] {
            refused(&format!("{field}: {what}"), &request_with(field, value), 1 << 20);
        }
    }
    // Something that is not even a map.
    for bytes in [&[0x00][..], &[0xf6], &[0x80], &[0xff], b"GET / HTTP/1.1", &[0xa0]] {
        refused("no map", bytes, 1 << 20);
    }
}

#[test]
fn deep_nesting_ends_in_a_refusal_and_not_on_the_end_of_the_stack() {
    for opening in [0x81, 0x9f, 0xc1, 0xbf, 0xd9] {
        for field in ["unknown", "changes", "receipts"] {
            refused("deep nesting", &request_with(field, &vec![opening; 1 << 20]), 64 << 20);
        }
    }
}

#[test]
fn claims_within_claims_take_no_memory() {
    // In a verdict, whose fields are kept until it is known which it is, the decoder makes room at every level.
    for opening in [&[0xba, 0xba, 0xba, 0xba, 0xba][..], &[0x9a, 0xff, 0xff, 0xff, 0xff]] {
        let verdict = [&[0xa1, 0x68], b"verdicts".as_slice(), &[0x81, 0xa1, 0x00], &opening.repeat(200)].concat();
        refused("claims within claims", &verdict, 1 << 20);
    }
}

#[test]
fn the_most_items_that_a_body_can_hold_fit_into_the_stated_memory() {
    let order = [&[0x81, 0xa2, 0x6a], b"work_order".as_slice(), &[0x50], &[7; 16], &[0x67], b"changes"].concat();
    let (mut worst, mut read) = (0, 0);
    // Texts, byte strings, nulls, maps, lists: one byte each, and more than a byte each when they are read.
    for item in [0x60, 0x40, 0xf6, 0xa0, 0x80] {
        for items in [1 << 12, 1 << 16, (1 << 20) - 64] {
            // So much beside them that the body is not refused for its number of items alone.
            let beside = vec![0x20; (items * 3 + 64).min(MAX_BODY - items - 256)];
            let filler = [&[0x5a], u32::try_from(beside.len()).unwrap().to_be_bytes().as_slice(), &beside].concat();
            let many = [&[0x9f], vec![item; items].as_slice(), &[0xff]].concat();
            for (field, before) in [("unknown", &[][..]), ("changes", &order), ("compare", &[]), ("receipts", &[0x81])]
            {
                for after in [&[][..], &filler] {
                    let mut body = request_with(field, &[before, &many].concat());
                    if !after.is_empty() {
                        body[0] += 1;
                        body.extend(encode(&"beside").unwrap());
                        body.extend(after);
                    }
                    let (request, held) = peak(|| decode::<SyncRequest>(&body));
                    read += u32::from(request.is_ok());
                    worst = worst.max(held);
                    assert!(held <= WIRE_MEMORY, "{field}: {held} bytes of memory for {}", body.len());
                }
            }
            let scopes = [&[0xa2, 0x66], b"scopes".as_slice(), &many, &[0x66], b"beside", &filler].concat();
            let (_, held) = peak(|| decode::<SyncResponse>(&scopes).is_ok());
            worst = worst.max(held);
        }
    }
    println!("at worst {} KB of memory for a body of at most {} KB", worst >> 10, MAX_BODY >> 10);
    assert!(read > 0, "some of these are read: otherwise this shows nothing");
    assert!(worst <= WIRE_MEMORY);
}
