//! The server's clock. Everything below takes the time as an argument; only handlers and commands ask here.

use jiff::Timestamp;

/// Now, ms since the Unix epoch.
#[must_use]
pub fn now() -> i64 {
    Timestamp::now().as_millisecond()
}
