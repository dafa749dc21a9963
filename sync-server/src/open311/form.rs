//! The form that a new request comes in: `application/x-www-form-urlencoded`, with `attribute[code]=value` and
//! `attribute[code][]=value` for the type's questions.

use crate::storage::Contact;
use coldpatch_shared::city::{Answers, QuestionKind, ServiceType};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::order::{PlaceFix, PlaceSource};
use std::collections::BTreeMap;

/// What the standard lets a form say; what it does not is skipped.
#[derive(Debug, Default)]
pub(super) struct Filing {
    fields: BTreeMap<String, String>,
    attributes: Answers,
}

impl Filing {
    pub(super) fn read(pairs: Vec<(String, String)>) -> Self {
        let mut filing = Self::default();
        for (key, value) in pairs {
            let value = value.trim().to_owned();
            if value.is_empty() {
                continue;
            }
            let attribute = key
                .strip_prefix("attribute[")
                .and_then(|rest| rest.strip_suffix("[]").unwrap_or(rest).strip_suffix(']'));
            match attribute {
                Some(code) => filing.attributes.entry(code.to_owned()).or_default().push(value),
                None => {
                    filing.fields.entry(key).or_insert(value);
                }
            }
        }
        filing
    }

    pub(super) fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    /// Where; says what is wrong with it.
    pub(super) fn place(&self, faults: &mut Vec<String>) -> Option<PlaceFix> {
        let (lat, long) = match (self.get("lat"), self.get("long")) {
            (None, None) => return None,
            (Some(lat), Some(long)) => (lat.parse(), long.parse()),
            _ => {
                faults.push("lat and long belong together.".to_owned());
                return None;
            }
        };
        let (Ok(lat), Ok(long)) = (lat, long) else {
            faults.push("lat and long are decimal degrees, like 47.6272 and -122.3373.".to_owned());
            return None;
        };
        match LatLon::new(lat, long) {
            Ok(at) => Some(PlaceFix { at, source: PlaceSource::Import, accuracy_m: None, age_s: None }),
            Err(error) => {
                faults.push(format!("{error}."));
                None
            }
        }
    }

    /// How to reach the person.
    pub(super) fn contact(&self) -> Option<Contact> {
        let field = |name| self.get(name).unwrap_or_default().chars().take(200).collect::<String>();
        let name = format!("{} {}", field("first_name"), field("last_name")).trim().to_owned();
        let contact = Contact { name, email: field("email"), phone: field("phone"), notify: false };
        (!contact.is_empty()).then_some(contact)
    }

    /// Answers to the type's questions, and to no others; says what is wrong with them.
    pub(super) fn answers(&self, kind: &ServiceType, faults: &mut Vec<String>) -> Answers {
        let mut answers = Answers::new();
        for question in &kind.questions {
            let code = &question.code;
            let Some(given) = self.attributes.get(code) else {
                if question.required {
                    faults.push(format!("attribute[{code}] is required: {}", question.text));
                }
                continue;
            };
            let known = |key: &String| question.options.iter().any(|option| option.key == *key);
            let keys = || question.options.iter().map(|option| option.key.as_str()).collect::<Vec<_>>().join(", ");
            match question.kind {
                QuestionKind::Single | QuestionKind::Multi if !given.iter().all(known) => {
                    faults.push(format!("attribute[{code}] is one of: {}.", keys()));
                }
                QuestionKind::Single if given.len() > 1 => faults.push(format!("attribute[{code}] takes one value.")),
                QuestionKind::Number if !given.iter().all(|text| text.parse::<f64>().is_ok_and(f64::is_finite)) => {
                    faults.push(format!("attribute[{code}] is a number."));
                }
                QuestionKind::Text | QuestionKind::Number if given.iter().any(|text| text.chars().count() > 400) => {
                    faults.push(format!("attribute[{code}] is too long."));
                }
                _ => {
                    answers.insert(code.clone(), given.clone());
                }
            }
        }
        answers
    }
}
