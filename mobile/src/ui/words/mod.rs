//! Every word that the staff app says, by what it is said for, in one place, so that a translator needs to look nowhere
//! else. Functions take values and return text; nothing here knows a service.
//!
//! Plain words in the reader's terms: what happened, what was kept, what to do. A number is never alone.

pub mod account;
pub mod camera;
pub mod desk;
pub mod draft;
pub mod flag;
pub mod history;
pub mod job;
pub mod links;
pub mod map;
pub mod people;
pub mod sending;
pub mod status;
pub mod stored;
pub mod sync;
pub mod today;
pub mod undo;

/// The product's name.
pub const PRODUCT: &str = "Coldpatch";
/// The window's title: the screen first, as a list of windows shows little more.
#[must_use]
pub fn window(screen: &str) -> String {
    line([screen, PRODUCT])
}

/// Back to the screen before.
pub const BACK: &str = "Back";
/// Gives up a question.
pub const CANCEL: &str = "Never mind";
/// Closes a panel.
pub const CLOSE: &str = "Close";
/// Asks again after trouble.
pub const TRY_AGAIN: &str = "Try again";
/// Takes a message away.
pub const GOT_IT: &str = "Got it";
/// Shows more of a list.
pub const MORE: &str = "More";
/// Between two parts of a line.
pub const DOT: &str = " · ";
/// While the phone's database opens.
pub const OPENING: &str = "Opening what is on this phone…";
/// The address does not exist.
pub const NO_SUCH_SCREEN: &str = "There is no such screen";
/// What to do about it.
pub const NO_SUCH_SCREEN_WHAT: &str = "The link may be from another version of the app. Nothing is lost.";
/// Leads to the accounts.
pub const TO_ACCOUNTS: &str = "Who is on this device";

/// Tabs at the foot of the screen.
pub mod tabs {
    /// The crew's list.
    pub const TODAY: &str = "Today";
    /// Everything on a map.
    pub const MAP: &str = "Map";
    /// Photos of something new.
    pub const NEW: &str = "New";
    /// What is where.
    pub const SYNC: &str = "Sync";
    /// The supervisor's queue.
    pub const DESK: &str = "Queue";
}

/// `1 job`, `7 jobs`.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Beside a message: how often it was said, and how many others wait behind it.
#[must_use]
pub fn message_aside(times: usize, others: usize) -> String {
    let times = if times > 1 { format!("{times} times") } else { String::new() };
    let others = if others > 0 { count(others, "more message", "more messages") } else { String::new() };
    line([times, others])
}

/// Parts that are not empty, with a dot between them.
#[must_use]
pub fn line<T: AsRef<str>>(parts: impl IntoIterator<Item = T>) -> String {
    let parts: Vec<String> =
        parts.into_iter().map(|part| part.as_ref().to_owned()).filter(|part| !part.is_empty()).collect();
    parts.join(DOT)
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The first letter large.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
