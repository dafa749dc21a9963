//! What is wrong with a city's files, said so that whoever edits them finds the place.

use crate::geo::PlaceError;
use crate::geo::geojson::ShapeError;
use thiserror::Error;

/// Why a city's files are not a city. Says the file, the place in it, and the reason; the first fault found.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CityError {
    /// A file is not in the bundle.
    #[error("{file} is missing")]
    MissingFile {
        /// Its name.
        file: String,
    },
    /// Not JSON, or not of the shape that the file has.
    #[error("{file}, line {line}, column {column}{}: {reason}", in_path(path))]
    Malformed {
        /// Its name.
        file: String,
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
        /// The innermost field at that place (`service_types[3].priority`); empty at the top.
        path: String,
        /// The parser's words.
        reason: String,
    },
    /// Well-formed, but it cannot be true.
    #[error("{file}{}: {problem}", in_path(path))]
    Invalid {
        /// Its name.
        file: String,
        /// The field (`crews[0].departments`); empty for the file as a whole.
        path: String,
        /// What is wrong.
        problem: Problem,
    },
}

/// What is wrong with a value that is well-formed.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Problem {
    /// It names something that does not exist.
    #[error("there is no {kind} `{id}`")]
    Dangling {
        /// What it should be (`department`).
        kind: &'static str,
        /// What it says.
        id: String,
    },
    /// Two things have one id.
    #[error("a second {kind} `{id}`; each must be unique")]
    Duplicate {
        /// What has the id.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// Coordinates that are no place.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// A geometry that does not fit.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Any other rule, in words.
    #[error("{0}")]
    Rule(&'static str),
}

impl CityError {
    pub(super) fn invalid(file: &str, path: impl Into<String>, problem: impl Into<Problem>) -> Self {
        Self::Invalid { file: file.to_owned(), path: path.into(), problem: problem.into() }
    }

    pub(super) fn rule(file: &str, path: impl Into<String>, rule: &'static str) -> Self {
        Self::invalid(file, path, Problem::Rule(rule))
    }

    /// The file at fault.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::MissingFile { file } | Self::Malformed { file, .. } | Self::Invalid { file, .. } => file,
        }
    }
}

fn in_path(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(", {path}") }
}
