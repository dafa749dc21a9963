//! A part of a file (RFC 9110, section 14): one range; several at once are answered with the whole, as the RFC allows.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::ops::Range;

/// The file, or the part of it that was asked for.
pub(super) fn respond(headers: &HeaderMap, bytes: Vec<u8>) -> Response {
    let bytes = Bytes::from(bytes);
    let asked =
        headers.get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(|text| parse(text, bytes.len()));
    let all = [(header::ACCEPT_RANGES, "bytes".to_owned())];
    match asked {
        None => (all, bytes).into_response(),
        Some(Some(part)) => {
            let said = format!("bytes {}-{}/{}", part.start, part.end - 1, bytes.len());
            (StatusCode::PARTIAL_CONTENT, all, [(header::CONTENT_RANGE, said)], bytes.slice(part)).into_response()
        }
        Some(None) => {
            let said = format!("bytes */{}", bytes.len());
            (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, said)]).into_response()
        }
    }
}

/// `None`: not a range that we know, send everything. `Some(None)`: a range beyond the end.
fn parse(text: &str, length: usize) -> Option<Option<Range<usize>>> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (from.trim(), to.trim()) {
        ("", "") => return None,
        ("", last) => length.saturating_sub(last.parse().ok()?)..length,
        (from, "") => from.parse().ok()?..length,
        (from, to) => from.parse().ok()?..to.parse::<usize>().ok()?.checked_add(1)?.min(length),
    };
    Some((range.start < range.end).then_some(range))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn one_range_is_understood_and_everything_else_gets_the_whole_file() {
        assert_eq!(parse("bytes=0-3", 10), Some(Some(0..4)));
        assert_eq!(parse("bytes=8-", 10), Some(Some(8..10)));
        assert_eq!(parse("bytes=-4", 10), Some(Some(6..10)));
        assert_eq!(parse("bytes=5-99", 10), Some(Some(5..10)));
        assert_eq!(parse("bytes=10-", 10), Some(None));
        assert_eq!(parse("bytes=0-1,3-4", 10), None);
        assert_eq!(parse("lines=1-2", 10), None);
        assert_eq!(parse("bytes=0-18446744073709551615", 10), None);
    }
}
