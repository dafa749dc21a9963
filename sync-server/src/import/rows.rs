//! From a CSV file to its rows, line by line, so that a broken row does not take its neighbors along.
//!
//! A quotation mark that is never closed would make an ordinary CSV reader swallow everything up to the next one. Here a
//! row may go on over several lines only if it then has as many fields as the header; else its first line is refused, and
//! reading goes on with the line after it.

use csv::{ReaderBuilder, StringRecord};
use std::collections::{HashMap, VecDeque};
use std::io::{self, BufRead};

/// The most lines that one row may go on for.
const MOST_LINES: usize = 50;
/// The longest line that is kept, in bytes.
const LONGEST_LINE: usize = 1 << 20;

/// What stands at a place of the file.
#[derive(Debug)]
pub(super) enum Read {
    /// A row with as many fields as the header.
    Row {
        /// Where it begins, counted from 1.
        line: u64,
        /// Its fields.
        record: StringRecord,
    },
    /// Something that is no row.
    Broken {
        /// Where it is, counted from 1.
        line: u64,
        /// Why.
        reason: String,
    },
}

/// A file's rows.
pub(super) struct Rows<R> {
    source: R,
    line: u64,
    /// Lines that were looked at and given back.
    waiting: VecDeque<(u64, Vec<u8>)>,
    columns: usize,
    header: HashMap<String, usize>,
}

impl<R: BufRead> Rows<R> {
    /// Reads the header.
    pub(super) fn open(source: R) -> io::Result<Self> {
        let mut rows = Self { source, line: 0, waiting: VecDeque::new(), columns: 0, header: HashMap::new() };
        if let Some((_, bytes)) = rows.line()? {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            if let Some(record) = parse(bytes) {
                rows.columns = record.len();
                rows.header = record.iter().enumerate().map(|(at, name)| (name.trim().to_owned(), at)).collect();
            }
        }
        Ok(rows)
    }

    /// Column name → place.
    pub(super) fn header(&self) -> &HashMap<String, usize> {
        &self.header
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Read>> {
        let (line, mut text) = loop {
            match self.line()? {
                None => return Ok(None),
                Some((_, bytes)) if bytes.trim_ascii().is_empty() => {}
                Some(found) => break found,
            }
        };
        let broken = |reason: String| Ok(Some(Read::Broken { line, reason }));
        if text.len() >= LONGEST_LINE {
            return broken(format!("the line has more than {LONGEST_LINE} bytes"));
        }
        if std::str::from_utf8(&text).is_err() {
            return broken("the line is not UTF-8 text".to_owned());
        }
        let mut following = Vec::new();
        while open_quote(&text) && following.len() < MOST_LINES {
            let Some(next) = self.line()? else { break };
            text.extend_from_slice(&next.1);
            following.push(next);
        }
        let record = parse(&text).filter(|_| following.is_empty() || well_quoted(&text));
        if let Some(record) = record.as_ref().filter(|record| record.len() == self.columns && !open_quote(&text)) {
            return Ok(Some(Read::Row { line, record: record.clone() }));
        }
        let went_on = !following.is_empty() || open_quote(&text);
        for next in following.into_iter().rev() {
            self.waiting.push_front(next);
        }
        if went_on {
            return broken("a quotation mark is opened and not closed".to_owned());
        }
        let fields = record.map_or(0, |record| record.len());
        broken(format!("it has {fields} fields; the header has {}", self.columns))
    }

    fn line(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if let Some(waiting) = self.waiting.pop_front() {
            return Ok(Some(waiting));
        }
        let mut bytes = Vec::new();
        let limit = LONGEST_LINE as u64;
        io::Read::take(&mut self.source, limit).read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        // The rest of a line that is too long is skipped; its beginning says enough to refuse it.
        let mut ended = bytes.last() == Some(&b'\n') || bytes.len() < LONGEST_LINE;
        while !ended {
            let mut rest = Vec::new();
            io::Read::take(&mut self.source, limit).read_until(b'\n', &mut rest)?;
            ended = rest.last() == Some(&b'\n') || rest.len() < LONGEST_LINE;
        }
        self.line += 1;
        Ok(Some((self.line, bytes)))
    }
}

/// Quotation marks come in pairs, those that stand for themselves too.
fn open_quote(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// Every quoted field begins behind a comma and ends before one: the sign that several lines belong together, and not
/// that two rows each lost a quotation mark.
fn well_quoted(text: &[u8]) -> bool {
    let mut quoted = false;
    let mut before = b',';
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b'"' && quoted {
            match bytes.peek() {
                Some(b'"') => {
                    bytes.next();
                }
                None | Some(b',' | b'\r' | b'\n') => quoted = false,
                Some(_) => return false,
            }
        } else if byte == b'"' {
            if before != b',' {
                return false;
            }
            quoted = true;
        }
        before = byte;
    }
    !quoted
}

/// Exactly one row.
fn parse(text: &[u8]) -> Option<StringRecord> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut records = reader.records();
    let record = records.next()?.ok()?;
    records.next().is_none().then_some(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<Vec<String>, u64>> {
        let mut rows = Rows::open(text.as_bytes()).unwrap();
        let mut found = Vec::new();
        while let Some(read) = rows.next().unwrap() {
            found.push(match read {
                Read::Row { record, .. } => Ok(record.iter().map(str::to_owned).collect()),
                Read::Broken { line, .. } => Err(line),
            });
        }
        found
    }

    fn row(a: &str, b: &str) -> Result<Vec<String>, u64> {
        Ok(vec![a.to_owned(), b.to_owned()])
    }

    #[test]
    fn an_open_quotation_mark_costs_only_its_own_row() {
        assert_eq!(read("a,b\n1,2\n3,\"four\n5,6\n7,8\n"), [row("1", "2"), Err(3), row("5", "6"), row("7", "8")]);
        assert_eq!(read("a,b\n1,\"2\n3,4\n5,\"6\n7,8\n"), [Err(2), row("3", "4"), Err(4), row("7", "8")]);
    }

    #[test]
    fn a_field_may_go_on_over_lines() {
        assert_eq!(read("a,b\n1,\"two\nlines\"\n3,4\n"), [row("1", "two\nlines"), row("3", "4")]);
    }

    #[test]
    fn rows_of_another_length_and_other_encodings_are_named_by_their_line() {
        assert_eq!(read("a,b\n1\n\n2,3,4\n5,6"), [Err(2), Err(4), row("5", "6")]);
        let mut rows = Rows::open(&b"a,b\n1,\xff\n3,4\n"[..]).unwrap();
        assert!(matches!(rows.next().unwrap(), Some(Read::Broken { line: 2, .. })));
        assert!(matches!(rows.next().unwrap(), Some(Read::Row { line: 3, .. })));
    }
}
