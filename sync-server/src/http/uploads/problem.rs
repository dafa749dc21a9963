//! What can be wrong with an upload, beside what can be wrong with any request.

use coldpatch_shared::api::Problem;

/// Why an upload's request came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UploadProblem {
    /// Not tus 1.0.0.
    #[error("another version of tus")]
    Version,
    /// A header is missing or is not what it should be; says which and how.
    #[error("header {0}")]
    Header(&'static str),
    /// The body is said to be something else than this.
    #[error("not {0}")]
    MediaType(&'static str),
    /// The bytes do not continue where ours end.
    #[error("bytes from {theirs}, ours end at {ours}")]
    Offset {
        /// How many bytes have come.
        ours: u64,
        /// Where those of the request begin.
        theirs: u64,
    },
    /// More bytes than were announced.
    #[error("more than {0} bytes")]
    Longer(u64),
    /// The request's bytes do not have the checksum that it names.
    #[error("checksum")]
    Checksum,
    /// The connection broke.
    #[error("broke off")]
    BrokeOff,
    /// Another request for the same upload came.
    #[error("superseded")]
    Superseded,
}

impl UploadProblem {
    /// What the caller is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let kept = "What has come is kept; ask with HEAD where to go on.";
        let (status, kind, title, detail) = match self {
            Self::Version => {
                (412, "tus_version", "This is another version of tus", "Send Tus-Resumable: 1.0.0.".to_owned())
            }
            Self::Header(what) => (400, "malformed", "This cannot be read", format!("{what}.")),
            Self::MediaType(what) => (415, "media_type", "This is another media type", format!("Send {what}.")),
            Self::Offset { ours, theirs } => (
                409,
                "offset",
                "These bytes do not follow on those that are here",
                format!("They begin at {theirs}, and {ours} have come. {kept}"),
            ),
            Self::Longer(length) => (
                413,
                "longer",
                "These are more bytes than were announced",
                format!("The upload has {length} bytes. {kept}"),
            ),
            Self::Checksum => (
                460,
                "checksum",
                "These bytes were damaged on the way",
                "They do not have the checksum that was sent with them, and were not kept. Send them again.".to_owned(),
            ),
            Self::BrokeOff => (400, "broke_off", "The connection broke", kept.to_owned()),
            Self::Superseded => (409, "superseded", "The same upload came again", kept.to_owned()),
        };
        Problem { kind: kind.to_owned(), title: title.to_owned(), status, detail, device: None }
    }
}
