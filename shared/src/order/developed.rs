//! Photos as people see them: what the server made of an original that its phone could not decode belongs to that photo.
//!
//! Entries are never changed, so the server adds another one with the same original. It is no photo of its own: it completes the
//! one that was taken.

use super::entry::{Entry, Photo, RenditionKind};
use crate::city::Role;

/// The photos, each with what the server made of it.
pub(super) fn photos(entries: &[Entry<Photo>]) -> Vec<Entry<Photo>> {
    let completes = |made: &Entry<Photo>, taken: &Entry<Photo>| made.id != taken.id && completes(made, taken);
    let is_made = |entry: &Entry<Photo>| entries.iter().any(|taken| completes(entry, taken));
    let (made, taken): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| is_made(entry));
    let complete = |taken: &Entry<Photo>| {
        let mut photo = taken.clone();
        if let Some(made) = made.iter().find(|made| completes(made, taken)) {
            let renditions = made.body.renditions.iter();
            photo.body.renditions.extend(renditions.filter(|made| made.kind != RenditionKind::Original).cloned());
            photo.body.blur = photo.body.blur.or_else(|| made.body.blur.clone());
        }
        photo
    };
    taken.into_iter().map(complete).collect()
}

/// Whether `made` is what the server made of `taken`, of which there is only the original.
fn completes(made: &Entry<Photo>, taken: &Entry<Photo>) -> bool {
    let original = |photo: &Photo| photo.rendition(RenditionKind::Original).map(|original| original.sha256.clone());
    let (by, made, taken) = (made.stamp.role, &made.body, &taken.body);
    by == Role::Server
        && taken.is_undeveloped()
        && made.rendition(RenditionKind::Display).is_some()
        && (made.slot, made.request) == (taken.slot, taken.request)
        && original(made) == original(taken)
}

impl Photo {
    /// Whether there is nothing of it but the original.
    #[must_use]
    pub fn is_undeveloped(&self) -> bool {
        !self.renditions.is_empty() && self.renditions.iter().all(|file| file.kind == RenditionKind::Original)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{EntryId, ServiceRequestId, UserId};
    use crate::order::{PhotoSlot, Rendition, Stamp};
    use uuid::Uuid;

    fn photo(id: &str, role: Role, slot: PhotoSlot, files: &[(RenditionKind, &str)]) -> Entry<Photo> {
        let rendition = |(kind, name): &(RenditionKind, &str)| Rendition {
            kind: *kind,
            sha256: (*name).to_owned(),
            bytes: 1,
            media_type: String::new(),
            width: 0,
            height: 0,
        };
        let renditions = files.iter().map(rendition).collect();
        let stamp = Stamp { by: UserId::from("a"), role, crew: None, at: 0, offset_ms: None, offset_age_s: None };
        let body = Photo {
            slot,
            request: None,
            taken_at: None,
            place: None,
            blur: None,
            renditions,
            marks: Vec::new(),
            covered: false,
        };
        Entry { id: EntryId::from(id), lamport: Default::default(), stamp, body }
    }

    fn names(entries: &[Entry<Photo>]) -> Vec<String> {
        let files =
            |photo: &Photo| photo.renditions.iter().map(|file| file.sha256.clone()).collect::<Vec<_>>().join(" ");
        photos(entries).iter().map(|entry| format!("{}: {}", entry.id.0, files(&entry.body))).collect()
    }

    #[test]
    fn what_the_server_made_of_an_original_is_part_of_that_photo_and_of_no_other() {
        use PhotoSlot::{After, Before};
        use RenditionKind::{Display, Original, Thumbnail};
        let made: &[_] = &[(Original, "o"), (Display, "d"), (Thumbnail, "t")];
        let taken = photo("taken", Role::Crew, Before, &[(Original, "o")]);
        let server = photo("made", Role::Server, Before, made);
        assert_eq!(names(&[taken.clone(), server.clone()]), ["taken: o d t"]);
        // Two servers may both have made it, and the order in which entries are read does not matter.
        let again = photo("again", Role::Server, Before, &[(Original, "o"), (Display, "e")]);
        assert_eq!(names(&[server.clone(), taken.clone(), again]), ["taken: o d t"]);
        // The same picture twice was taken twice.
        let twice = Entry { id: EntryId::from("twice"), ..taken.clone() };
        assert_eq!(names(&[taken.clone(), twice, server.clone()]), ["taken: o d t", "twice: o d t"]);
        let mut asked = server.clone();
        asked.body.request = Some(ServiceRequestId(Uuid::nil()));
        let whole = photo("whole", Role::Crew, Before, made);
        let others = [
            photo("made", Role::Crew, Before, made),
            photo("made", Role::Server, After, made),
            photo("made", Role::Server, Before, &[(Original, "p"), (Display, "d")]),
            photo("made", Role::Server, Before, &[(Original, "o")]),
            asked,
        ];
        for other in others {
            assert_eq!(names(&[taken.clone(), other]).len(), 2, "another photo");
        }
        assert_eq!(names(&[whole, server]).len(), 2, "nothing was missing");
    }
}
