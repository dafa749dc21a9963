//! Which field a parser's line and column is in: `service_types[3].priority`.
//!
//! `serde_json` says where it stopped, but in a file of 800 lines a person looks for the field. The text up to that place
//! is scanned once more; being only a hint in a message, the scan takes broken JSON without complaint.

use super::CityError;

/// A parser's error, with the file and the field that it is in.
pub(super) fn malformed(file: &str, text: &str, error: &serde_json::Error) -> CityError {
    let (line, column) = (error.line(), error.column());
    let reason = error.to_string();
    // `serde_json` ends its message with the position, which the error says by itself.
    let position = format!(" at line {line} column {column}");
    CityError::Malformed {
        file: file.to_owned(),
        line,
        column,
        path: json_path_at(text, line, column),
        reason: reason.strip_suffix(&position).unwrap_or(&reason).to_owned(),
    }
}

enum Level {
    Object(Option<String>),
    Array(usize),
}

/// The path of the innermost field that is open at `line` and `column` (both from 1, columns in bytes, as `serde_json`
/// counts). Empty at the top, or when there is nothing to say.
fn json_path_at(text: &str, line: usize, column: usize) -> String {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let end = (before + column).min(text.len());
    let mut levels: Vec<Level> = Vec::new();
    let mut bytes = text.as_bytes()[..end].iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' => levels.push(Level::Object(None)),
            b'[' => levels.push(Level::Array(0)),
            b'}' | b']' => {
                levels.pop();
            }
            b',' => match levels.last_mut() {
                Some(Level::Array(index)) => *index += 1,
                Some(Level::Object(key)) => *key = None,
                None => {}
            },
            b'"' => {
                let string = string(&mut bytes);
                // The first string after `{` or `,` is the key; the one after it is the value.
                if let Some(Level::Object(key @ None)) = levels.last_mut() {
                    *key = Some(string);
                }
            }
            _ => {}
        }
    }
    path(&levels)
}

/// The rest of a string whose opening quote was read. Escapes are kept as they are: keys of ours have none.
fn string(bytes: &mut impl Iterator<Item = u8>) -> String {
    let mut content = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => content.extend(bytes.next()),
            _ => content.push(byte),
        }
    }
    String::from_utf8_lossy(&content).into_owned()
}

fn path(levels: &[Level]) -> String {
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Object(Some(key)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Level::Object(None) => {}
            Level::Array(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "{\"version\": 1,\n \"types\": [{\"code\": \"a, b\"},\n  {\"code\": \"c\", \"priority\": \"hgih\"}]}";

    #[test]
    fn a_value_has_the_path_of_its_key() {
        assert_eq!(json_path_at(TEXT, 3, 34), "types[1].priority");
        assert_eq!(json_path_at(TEXT, 1, 13), "version");
    }

    #[test]
    fn the_end_of_an_object_has_the_path_of_the_object() {
        assert_eq!(json_path_at(TEXT, 3, 35), "types[1]");
        assert_eq!(json_path_at(TEXT, 2, 27), "types[0]");
    }

    #[test]
    fn places_outside_the_text_and_broken_json_are_no_trouble() {
        assert_eq!(json_path_at("}}]]\"", 9, 9), "");
        assert_eq!(json_path_at("", 0, 0), "");
        assert_eq!(json_path_at("{\"a\": [1, \"\\", 1, 99), "a[1]");
    }
}
