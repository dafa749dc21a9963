//! A part of a file (RFC 9110, section 14): one range; several at once are answered with the whole, as the RFC allows.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::ops::Range;

/// What of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// All of it, or something that we do not know.
    Whole,
    /// These bytes; never none.
    Part(Range<u64>),
    /// Bytes beyond its end.
    Beyond,
}

/// What `headers` ask for of a file of `size` bytes that bears the strong tag `etag`. Under `If-Range`, whoever has a part of
/// another file gets all of this one.
pub(super) fn asked(headers: &HeaderMap, size: u64, etag: &str) -> Asked {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let same = match (headers.contains_key(header::IF_RANGE), text(header::IF_RANGE)) {
        (false, _) => true,
        // A weak tag does not do here, and a date never: we send none.
        (true, said) => said.is_some_and(|said| said.trim() == etag),
    };
    text(header::RANGE).filter(|_| same).and_then(|said| parse(said, size)).unwrap_or(Asked::Whole)
}

/// `None`: not a range that we know, send everything.
fn parse(text: &str, size: u64) -> Option<Asked> {
    let (unit, range) = text.split_once('=')?;
    let (from, to) = range.split_once('-')?;
    let range = match (from.trim(), to.trim()) {
        _ if !unit.trim().eq_ignore_ascii_case("bytes") => return None,
        ("", last) => size.saturating_sub(number(last)?)..size,
        (from, "") => number(from)?..size,
        (from, to) => {
            let (from, to) = (number(from)?, number(to)?);
            if to < from {
                return None;
            }
            from..to.saturating_add(1).min(size)
        }
    };
    Some(if range.start < range.end { Asked::Part(range) } else { Asked::Beyond })
}

/// `parse` would take a plus sign. More than fits is as good as the most that fits.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

impl Asked {
    /// What is asked for, of all of the file.
    pub(super) fn cut(&self, all: Vec<u8>) -> Vec<u8> {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(all.len());
        match self {
            Self::Whole => all,
            Self::Part(part) => all[place(part.start)..place(part.end)].to_vec(),
            Self::Beyond => Vec::new(),
        }
    }

    /// The answer with what was asked for, of a file of `size` bytes.
    pub(super) fn respond(self, bytes: Vec<u8>, size: u64) -> Response {
        let accepted = [(header::ACCEPT_RANGES, "bytes")];
        match self {
            Self::Whole => (accepted, Bytes::from(bytes)).into_response(),
            Self::Part(part) => {
                let said = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                (StatusCode::PARTIAL_CONTENT, accepted, [(header::CONTENT_RANGE, said)], bytes).into_response()
            }
            Self::Beyond => {
                let said = format!("bytes */{size}");
                (StatusCode::RANGE_NOT_SATISFIABLE, accepted, [(header::CONTENT_RANGE, said)]).into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, asked, parse};
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn one_range_is_understood_and_everything_else_gets_the_whole_file() {
        let part = |from, to| Some(Asked::Part(from..to));
        assert_eq!(parse("bytes=0-3", 10), part(0, 4));
        assert_eq!(parse("Bytes=0-0", 10), part(0, 1));
        assert_eq!(parse("bytes=8-", 10), part(8, 10));
        assert_eq!(parse("bytes=-4", 10), part(6, 10));
        assert_eq!(parse("bytes=-99", 10), part(0, 10));
        assert_eq!(parse("bytes=5-99", 10), part(5, 10));
        assert_eq!(parse("bytes=5-99999999999999999999", 10), part(5, 10));
        assert_eq!(parse("bytes=0-18446744073709551615", 10), part(0, 10));
        for beyond in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(parse(beyond, 10), Some(Asked::Beyond), "{beyond}");
        }
        assert_eq!(parse("bytes=-4", 0), Some(Asked::Beyond));
        for unknown in ["bytes=0-1,3-4", "lines=1-2", "bytes=5-3", "bytes=-", "bytes=+1-2", "bytes=a-", "bytes", ""] {
            assert_eq!(parse(unknown, 10), None, "{unknown}");
        }
    }

    #[test]
    fn whoever_has_a_part_of_another_file_gets_the_whole_of_this_one() {
        let ask = |if_range: &str| {
            let pairs = [("range", "bytes=2-"), ("if-range", if_range)];
            let header =
                |(name, value)| (axum::http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
            asked(&HeaderMap::from_iter(pairs.map(header)), 10, "\"this\"")
        };
        assert_eq!(ask("\"this\""), Asked::Part(2..10));
        for other in ["\"that\"", "W/\"this\"", "Sun, 22 Nov 2026 09:00:00 GMT", ""] {
            assert_eq!(ask(other), Asked::Whole, "{other}");
        }
    }
}
