//! What people file, and the words that they use.

use super::{Order, World, one_of, uuid_v7};
use crate::dice::Dice;
use coldpatch_shared::city::{QuestionKind, ServiceType};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::ServiceRequestId;
use coldpatch_shared::order::{
    Photo, PhotoSlot, PlaceFix, PlaceSource, Rendition, RenditionKind, RequestSource, ServiceRequest,
};
use std::collections::BTreeMap;

impl World {
    /// A kind of request, as often as New York has it: what it is called there, and the service type here that stands
    /// for it.
    pub(super) fn kind(&self, dice: &mut Dice) -> (String, Option<&ServiceType>) {
        let types = &self.city.catalog.service_types;
        let Some((kind, detail)) = one_of(&self.fit.kinds, dice) else { return (String::new(), types.first()) };
        let rank = self.fit.kinds.iter().position(|((known, _), _)| known == kind).unwrap_or(0);
        (format!("{kind}: {detail}"), types.get(rank.checked_rem(types.len()).unwrap_or(0)))
    }

    /// A request of that kind.
    pub(super) fn request(&self, order: &mut Order, at: i64, said: &str, kind: &ServiceType) -> ServiceRequest {
        let dice = &mut order.dice;
        let channel = one_of(&self.fit.channels, dice).map_or("", String::as_str);
        let source = match channel {
            "ONLINE" => RequestSource::Web,
            "MOBILE" => RequestSource::Field,
            "PHONE" => RequestSource::Import,
            _ => RequestSource::Open311,
        };
        let place = self.place(dice);
        let house = self.fit.house_numbers.at(dice.share()).round();
        let street = one_of(&self.fit.streets, dice).map_or("BROADWAY", String::as_str);
        let mut description = said.to_owned();
        if dice.chance(0.5) {
            description = format!("{description}. {}", self.words(dice));
        }
        ServiceRequest {
            request: ServiceRequestId(uuid_v7(at, dice)),
            source,
            service_code: kind.code.clone(),
            description,
            answers: answers(kind, dice),
            place: Some(place),
            address: Some(format!("{house} {street}")),
            mirrors: None,
            observed_at: None,
        }
    }

    fn place(&self, dice: &mut Dice) -> PlaceFix {
        let (low, high) = self.corners;
        let scaled = |low: f64, high: f64, share: f64| ((low + (high - low) * share) * 1e7).round() / 1e7;
        let north = self.fit.latitudes.normalized(self.fit.latitudes.at(dice.share()));
        let east = self.fit.longitudes.normalized(self.fit.longitudes.at(dice.share()));
        let at = LatLon { lat: scaled(low.lat, high.lat, north), lon: scaled(low.lon, high.lon, east) };
        let source = if dice.chance(0.5) { PlaceSource::Device } else { PlaceSource::Pin };
        let accuracy_m = (source == PlaceSource::Device).then(|| (4.0 + 30.0 * dice.share()).round());
        PlaceFix { at, source, accuracy_m, age_s: None }
    }

    /// Words that a worker leaves: as long as Boston's, of New York's words.
    pub(super) fn words(&self, dice: &mut Dice) -> String {
        let length = self.fit.note_lengths.at(dice.share());
        let mut text = String::new();
        while f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX)) < length {
            let Some(word) = one_of(&self.fit.words, dice) else { break };
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        text
    }
}

/// A photo with its three files.
pub(super) fn photo(slot: PhotoSlot, request: Option<ServiceRequestId>, dice: &mut Dice) -> Photo {
    let mut rendition = |kind, width: u32, height: u32, most: usize| Rendition {
        kind,
        sha256: [dice.bytes(), dice.bytes()].concat().iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes: u64::try_from(most / 2 + dice.below(most / 2)).unwrap_or(0),
        media_type: "image/jpeg".to_owned(),
        width,
        height,
    };
    let renditions = vec![
        rendition(RenditionKind::Original, 4_032, 3_024, 5_000_000),
        rendition(RenditionKind::Display, 2_048, 1_536, 700_000),
        rendition(RenditionKind::Thumbnail, 320, 240, 16_000),
    ];
    Photo { slot, request, taken_at: None, place: None, blur: None, renditions, marks: Vec::new(), covered: false }
}

fn answers(kind: &ServiceType, dice: &mut Dice) -> BTreeMap<String, Vec<String>> {
    let mut answers = BTreeMap::new();
    for question in &kind.questions {
        if !question.required && dice.chance(0.4) {
            continue;
        }
        let answer = match question.kind {
            QuestionKind::Single | QuestionKind::Multi => dice.pick(&question.options).map(|choice| choice.key.clone()),
            QuestionKind::Text | QuestionKind::Number => Some((1 + dice.below(40)).to_string()),
        };
        answers.extend(answer.map(|answer| (question.code.clone(), vec![answer])));
    }
    answers
}
