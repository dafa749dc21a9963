//! What photos take on this phone.

use super::count;
use crate::engine::api::Stored;
use crate::ui::measure;

/// Above the section.
pub const TITLE: &str = "Photos on this phone";
/// There is little room left.
pub const LOW: &str = "This phone is nearly full. What you type is still kept, and photos as long as they fit. Remove apps, videos \
                       or photos that you do not need, or go where there is a signal: what the city has makes room.";
/// The browser does not promise to keep anything.
pub const MAY_BE_CLEARED: &str = "Your browser may clear what is only here when the phone is full. Put this app on the home screen, then it does not.";

/// How many and how large: `12 photo files, 34.0 MB; 3 of them only here`.
#[must_use]
pub fn photos(stored: &Stored) -> String {
    let all = count(stored.files as usize, "photo file", "photo files");
    match (stored.files, stored.only_here) {
        (0, _) => "No photos yet".to_owned(),
        (_, 0) => format!("{all}, {}; the city has them all", measure::bytes(stored.bytes)),
        (_, here) => format!("{all}, {}; {here} of them only here", measure::bytes(stored.bytes)),
    }
}

/// What is left, and what can be had: `Room for about 2.1 GB more`.
#[must_use]
pub fn room(stored: &Stored) -> String {
    let left = match stored.room {
        Some(room) => format!("Room for about {} more. ", measure::bytes(room.left())),
        None => String::new(),
    };
    let frees = match stored.removable_bytes {
        0 => String::new(),
        bytes => format!("{} can go when room is short; the city has that.", measure::bytes(bytes)),
    };
    format!("{left}{frees}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::Room;

    #[test]
    fn what_is_stored_is_said_in_words() {
        let none = Stored { files: 0, bytes: 0, only_here: 0, removable_bytes: 0, room: None, low: false };
        assert_eq!((photos(&none).as_str(), room(&none).as_str()), ("No photos yet", ""));
        let some = Stored {
            files: 12,
            bytes: 34_000_000,
            only_here: 3,
            removable_bytes: 8_000_000,
            room: Some(Room { used: 50_000_000, most: 2_150_000_000 }),
            low: false,
        };
        assert_eq!(photos(&some), "12 photo files, 34.0 MB; 3 of them only here");
        assert_eq!(room(&some), "Room for about 2.1 GB more. 8.0 MB can go when room is short; the city has that.");
        let sent = Stored { only_here: 0, ..some };
        assert_eq!(photos(&sent), "12 photo files, 34.0 MB; the city has them all");
    }
}
