//! What a colored word means. A tone never stands alone: there is always a shape or a word with it.

use coldpatch_shared::order::Status;

/// The meanings that have a color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Quiet,
    /// Waiting to be begun.
    Open,
    /// In progress, or soon due.
    Work,
    /// Done, or safe at the city.
    Done,
    /// Late, blocked, or not possible.
    Stop,
    /// A person must look at it.
    Review,
}

impl Tone {
    /// The class that gives the color.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Quiet => "tone-quiet",
            Self::Open => "tone-open",
            Self::Work => "tone-work",
            Self::Done => "tone-done",
            Self::Stop => "tone-stop",
            Self::Review => "tone-review",
        }
    }
}

impl From<Status> for Tone {
    fn from(status: Status) -> Self {
        match status {
            Status::Open => Self::Open,
            Status::Working | Status::Paused => Self::Work,
            Status::CannotComplete => Self::Stop,
            Status::Completed => Self::Done,
            Status::Transferred | Status::Cancelled => Self::Quiet,
        }
    }
}
