//! Who did something, as the reader would say it.

use coldpatch_shared::city::{City, Role};
use coldpatch_shared::ids::{CrewId, UserId};
use coldpatch_shared::order::{RequestSource, Stamp};

/// Nobody's job.
pub const NOBODY: &str = "Nobody yet";

/// The person or crew behind an entry: `You`, `Crew 4`, `Sam Lindqvist`, `A resident`.
#[must_use]
pub fn who(stamp: &Stamp, me: &UserId, city: &City) -> String {
    if stamp.by == *me {
        return "You".to_owned();
    }
    match (stamp.role, &stamp.crew) {
        (Role::Crew, Some(crew)) => crew_name(crew, city),
        (Role::Resident, _) => "A resident".to_owned(),
        (Role::Server, _) if stamp.by.as_str().starts_with("import:") => "The import".to_owned(),
        (Role::Server, _) => "The city’s server".to_owned(),
        _ => person(&stamp.by, city),
    }
}

/// Who filed a request: what came in over the net was written by the server, but a person sent it.
#[must_use]
pub fn filed_by(stamp: &Stamp, source: RequestSource, me: &UserId, city: &City) -> String {
    match source {
        RequestSource::Web | RequestSource::Open311 => "A resident".to_owned(),
        RequestSource::Import => "The import".to_owned(),
        RequestSource::Field => who(stamp, me, city),
    }
}

/// As [`who`], in the middle of a sentence.
#[must_use]
pub fn who_within(stamp: &Stamp, me: &UserId, city: &City) -> String {
    let who = who(stamp, me, city);
    match who.as_str() {
        "You" | "A resident" | "The city’s server" | "The import" => {
            let mut letters = who.chars();
            letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
        }
        _ => who,
    }
}

/// A person's name, else the id.
#[must_use]
pub fn person(id: &UserId, city: &City) -> String {
    city.person(id).map_or_else(|| id.to_string(), |person| person.name.clone())
}

/// A crew's name, else its id.
#[must_use]
pub fn crew_name(id: &CrewId, city: &City) -> String {
    city.crew(id).map_or_else(|| id.to_string(), |crew| crew.name.clone())
}

/// Whose job it is.
#[must_use]
pub fn assigned(crew: Option<&CrewId>, city: &City) -> String {
    crew.map_or_else(|| NOBODY.to_owned(), |crew| crew_name(crew, city))
}
