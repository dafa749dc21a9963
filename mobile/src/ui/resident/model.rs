//! What the residents' pages show, as values. Texts that depend on time or language come ready to read.

use coldpatch_shared::city::ServiceType;
use coldpatch_shared::order::Status;
use std::collections::BTreeMap;

/// What every page of a city has in common.
#[derive(Debug, Clone, PartialEq)]
pub struct CityFace {
    /// `Harbor`.
    pub name: String,
    /// The non-emergency number, as the city writes it.
    pub phone: String,
    /// Where style and scripts are (`/resident/1f2e3d4c`); changes when one of them does.
    pub assets: String,
}

impl CityFace {
    /// The number for a `tel:` link: digits and a leading plus.
    #[must_use]
    pub fn tel(&self) -> String {
        tel(&self.phone)
    }
}

/// A `tel:` link for a number that people wrote.
#[must_use]
pub fn tel(phone: &str) -> String {
    let digits = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+');
    format!("tel:{}", digits.collect::<String>())
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub enum Page {
    /// What is wrong? Pick a type, or follow a report.
    Front(FrontView),
    /// The form for one type.
    Form(Box<FormView>),
    /// How a report is doing.
    Tracking(Box<TrackingView>),
    /// Something that is not there or did not work, and what to do.
    Message(MessageView),
}

/// The front page.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontView {
    /// What can be reported, in the order in which people pick.
    pub types: Vec<ServiceType>,
    /// Said when a tracking number and its link did not fit.
    pub follow_error: Option<String>,
}

/// The form for one type, with everything that was typed before.
#[derive(Debug, Clone, PartialEq)]
pub struct FormView {
    /// What is reported.
    pub kind: ServiceType,
    /// The request's UUID; sending the form again with it creates nothing twice.
    pub request: String,
    /// The secret of its tracking link.
    pub secret: String,
    /// What was typed.
    pub typed: Typed,
    /// What is wrong, by field name, for the person.
    pub errors: BTreeMap<String, String>,
    /// The server still has the photo that came with an earlier try.
    pub photo_kept: bool,
    /// Somebody else's place: whom to call.
    pub elsewhere: Option<Elsewhere>,
    /// Names of the city's streets, for suggestions.
    pub streets: Vec<String>,
    /// The map's corners, if there is a map to set a pin on.
    pub map: Option<MapBounds>,
}

/// What a person typed into the form, as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// What is wrong, in words.
    pub description: String,
    /// The place in words.
    pub address: String,
    /// The person says that the address is right although the city's files do not know it.
    pub address_as_is: bool,
    /// Degrees north; set by the script.
    pub lat: String,
    /// Degrees east; set by the script.
    pub lon: String,
    /// Radius of the error circle in meters.
    pub accuracy: String,
    /// `device` or `pin`.
    pub source: String,
    /// Answers by question code.
    pub answers: BTreeMap<String, Vec<String>>,
    /// The person's name.
    pub name: String,
    /// The person's e-mail.
    pub email: String,
    /// The person's phone.
    pub phone: String,
}

impl Typed {
    /// Whether that option of that question was chosen.
    #[must_use]
    pub fn chose(&self, question: &str, key: &str) -> bool {
        self.answers.get(question).is_some_and(|keys| keys.iter().any(|chosen| chosen == key))
    }

    /// The text that answers a question; empty when there is none.
    #[must_use]
    pub fn answer(&self, question: &str) -> &str {
        self.answers.get(question).and_then(|texts| texts.first()).map_or("", String::as_str)
    }
}

/// Whom to call about a place that is not this city's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// `Town of Millbrook`; the city itself when nobody knows whose place it is.
    pub name: String,
    /// Its number, as it is written there.
    pub phone: String,
    /// Where it takes reports, if it does; empty otherwise.
    pub url: String,
    /// Whether that is a neighbor, or the city's own number for a place that is nobody's.
    pub neighbor: bool,
}

/// The corners of the map, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapBounds {
    /// The left edge.
    pub west: f64,
    /// The lower edge.
    pub south: f64,
    /// The right edge.
    pub east: f64,
    /// The upper edge.
    pub north: f64,
}

/// How a report is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackingView {
    /// The page's own address (`/r/…`).
    pub url: String,
    /// Its number, once given.
    pub number: Option<String>,
    /// The one thing to know (`A crew is on it`).
    pub headline: String,
    /// Its state.
    pub status: Status,
    /// That state in a resident's words.
    pub word: String,
    /// What was reported (`Pothole`).
    pub kind: String,
    /// The place in words; empty when there are none.
    pub place: String,
    /// `We expect to finish by`, with the time; absent when closed.
    pub expected: Option<Expected>,
    /// What happened, oldest first, then what is still to come.
    pub steps: Vec<Step>,
    /// What the person wrote.
    pub description: String,
    /// The person's photos.
    pub photos: Vec<Picture>,
    /// Photos of the finished work.
    pub after: Vec<Picture>,
    /// Changes whenever anything on the page does.
    pub version: String,
    /// Nothing more is going to happen.
    pub closed: bool,
    /// To be said once: only a part of the photo that just came can be seen.
    pub photo_damaged: bool,
}

/// When the city expects to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// In the city's zone (`today, 16:00`).
    pub when: String,
    /// That time has passed.
    pub late: bool,
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What (`Received`).
    pub what: String,
    /// When, or what to expect.
    pub when: String,
    /// The same instant for machines; empty for what is still to come.
    pub datetime: String,
    /// Whether it happened, and how it ended.
    pub state: StepState,
}

/// Whether a step happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It happened.
    Done,
    /// It happened, and it is not good news.
    Trouble,
    /// It is still to come.
    ToCome,
}

/// A photo on the tracking page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Where it is; `None` while nothing can show it.
    pub src: Option<String>,
    /// Pixels across, 0 when not known.
    pub width: u32,
    /// Pixels down, 0 when not known.
    pub height: u32,
    /// For those who do not see it.
    pub alt: String,
    /// What is to be said about it; empty for nothing.
    pub remark: String,
}

/// A page that says one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageView {
    /// What happened.
    pub title: String,
    /// What was kept and what to do.
    pub paragraphs: Vec<String>,
}
