//! What a form says, checked: either everything that filing needs, or what is wrong at which field.

use super::locate::locate;
use crate::storage::Contact;
use coldpatch_mobile::ui::resident::model::{Elsewhere, Typed};
use coldpatch_shared::city::{City, ContactRule, Jurisdiction, Question, QuestionKind, ServiceType};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::order::{PlaceFix, PlaceSource};
use std::collections::BTreeMap;

const LONGEST_DESCRIPTION: usize = 4_000;
const LONGEST_ADDRESS: usize = 300;
const LONGEST_ANSWER: usize = 400;
const LONGEST_CONTACT: usize = 200;

/// A form that can be filed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Checked {
    /// Answers to the type's questions, and to no others.
    pub(super) answers: BTreeMap<String, Vec<String>>,
    /// Where; `None` for an address that nobody could place and the person confirmed.
    pub(super) place: Option<PlaceFix>,
    /// The place in the person's words.
    pub(super) address: Option<String>,
    /// What the person wrote.
    pub(super) description: String,
    /// How to reach the person, where the type asks for it.
    pub(super) contact: Option<Contact>,
}

/// What is wrong with a form.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Faults {
    /// By field, for the person.
    pub(super) errors: BTreeMap<String, String>,
    /// The place is somebody else's.
    pub(super) elsewhere: Option<Elsewhere>,
}

impl Faults {
    /// Says that something is wrong with a field. The first thing said about it stays.
    pub(super) fn say(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.errors.entry(field.into()).or_insert_with(|| message.into());
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }
}

/// Checks a form. `photo_place` is where the photo says that it was taken.
pub(super) fn check(
    city: &City,
    kind: &ServiceType,
    typed: &Typed,
    photo_place: Option<PlaceFix>,
) -> Result<Checked, Faults> {
    let mut faults = Faults::default();
    let answers = kind
        .questions
        .iter()
        .filter_map(|question| Some((question.code.clone(), answer(question, typed, &mut faults)?)))
        .collect();
    if typed.description.chars().count() > LONGEST_DESCRIPTION {
        faults.say("description", format!("This is too long. {LONGEST_DESCRIPTION} letters are taken."));
    }
    let contact = contact(kind.contact, typed, &mut faults);
    let place = place(city, typed, photo_place, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Checked {
        answers,
        place,
        address: (!typed.address.is_empty()).then(|| typed.address.clone()),
        description: typed.description.clone(),
        contact,
    })
}

fn answer(question: &Question, typed: &Typed, faults: &mut Faults) -> Option<Vec<String>> {
    let field = format!("q_{}", question.code);
    let given = typed.answers.get(&question.code).filter(|given| !given.is_empty());
    let Some(given) = given else {
        if question.required {
            let choice = matches!(question.kind, QuestionKind::Single | QuestionKind::Multi);
            let ask = if choice { "Please choose" } else { "Please answer" };
            faults.say(field, format!("{ask}: {}", question.text));
        }
        return None;
    };
    let known = |key: &String| question.options.iter().any(|option| option.key == *key);
    let fault = match question.kind {
        QuestionKind::Single if given.len() > 1 => Some("Only one of these can be chosen."),
        QuestionKind::Single | QuestionKind::Multi if !given.iter().all(known) => {
            Some("This can no longer be chosen. Please choose again.")
        }
        QuestionKind::Number if !given.iter().all(|text| is_number(text)) => Some("Please write a number, like 3."),
        QuestionKind::Text | QuestionKind::Number if given.iter().any(|text| text.chars().count() > LONGEST_ANSWER) => {
            Some("This is too long.")
        }
        _ => None,
    };
    if let Some(fault) = fault {
        faults.say(field, fault);
        return None;
    }
    Some(given.clone())
}

fn is_number(text: &str) -> bool {
    text.replace(',', ".").parse::<f64>().is_ok_and(f64::is_finite)
}

fn contact(rule: ContactRule, typed: &Typed, faults: &mut Faults) -> Option<Contact> {
    // What is not asked is not kept, whatever a form sends.
    if rule == ContactRule::None {
        return None;
    }
    for (field, text) in [("name", &typed.name), ("email", &typed.email), ("phone", &typed.phone)] {
        if text.chars().count() > LONGEST_CONTACT {
            faults.say(field, "This is too long.");
        }
    }
    let email = &typed.email;
    if !email.is_empty() && !email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
        faults.say("email", "This is not an e-mail address, like ana@example.org.");
    }
    if !typed.phone.is_empty() && typed.phone.chars().filter(char::is_ascii_digit).count() < 6 {
        faults.say("phone", "This is not a phone number.");
    }
    if rule == ContactRule::Required {
        if typed.name.is_empty() {
            faults.say("name", "A name is needed for this kind of report.");
        }
        if typed.email.is_empty() && typed.phone.is_empty() {
            faults.say("contact", "An e-mail address or a phone number is needed.");
        }
    }
    let contact =
        Contact { name: typed.name.clone(), email: typed.email.clone(), phone: typed.phone.clone(), notify: false };
    (!contact.is_empty()).then_some(contact)
}

/// What the person said on purpose comes first (a pin, the phone's place), then the address, then the photo.
fn place(city: &City, typed: &Typed, photo: Option<PlaceFix>, faults: &mut Faults) -> Option<PlaceFix> {
    if typed.address.chars().count() > LONGEST_ADDRESS {
        faults.say("address", "This address is too long.");
        return None;
    }
    let fix = if !typed.lat.is_empty() || !typed.lon.is_empty() {
        match said(typed) {
            Some(fix) => fix,
            None => {
                faults.say("address", "The place on the map could not be read. Set it again, or type the address.");
                return None;
            }
        }
    } else if !typed.address.is_empty() {
        match (locate(city, &typed.address), photo) {
            (Ok(at), _) => PlaceFix { at, source: PlaceSource::Address, accuracy_m: None, age_s: None },
            // The photo's place stands, and the words explain it.
            (Err(_), Some(photo)) => photo,
            (Err(_), None) if typed.address_as_is => return None,
            (Err(error), None) => {
                faults.say("address", error.to_string());
                return None;
            }
        }
    } else if let Some(photo) = photo {
        photo
    } else {
        let message = "Where is it? An address, a corner or your own place is enough.";
        faults.say("address", message);
        return None;
    };
    if let Some((message, elsewhere)) = elsewhere(city, fix.at) {
        faults.say("address", message);
        faults.elsewhere = Some(elsewhere);
        return None;
    }
    Some(fix)
}

fn said(typed: &Typed) -> Option<PlaceFix> {
    let at = LatLon::new(typed.lat.parse().ok()?, typed.lon.parse().ok()?).ok()?;
    let source = if typed.source == "pin" { PlaceSource::Pin } else { PlaceSource::Device };
    let accuracy_m = typed.accuracy.parse::<f64>().ok().filter(|meters| meters.is_finite() && *meters > 0.0);
    Some(PlaceFix { at, source, accuracy_m, age_s: None })
}

/// Whom to call about a place that is not this city's, and the same in a sentence.
pub(super) fn elsewhere(city: &City, place: LatLon) -> Option<(String, Elsewhere)> {
    match city.jurisdiction_at(place) {
        Jurisdiction::Ours => None,
        Jurisdiction::Neighbor(neighbor) => Some((
            format!("That place belongs to the {}. We did not file it; please tell them.", neighbor.name),
            Elsewhere {
                name: neighbor.name.clone(),
                phone: neighbor.phone.clone(),
                url: neighbor.url.clone(),
                neighbor: true,
            },
        )),
        Jurisdiction::Unknown => Some((
            format!(
                "That place is outside the City of {}. We did not file it; call us and we will find out whose it is.",
                city.name
            ),
            Elsewhere { name: city.name.clone(), phone: city.phone.clone(), url: String::new(), neighbor: false },
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldpatch_shared::city::demo_files;
    use coldpatch_shared::ids::ServiceCode;

    fn with<T>(code: &str, change: impl FnOnce(&mut Typed), look: impl FnOnce(Result<Checked, Faults>) -> T) -> T {
        let city = City::parse(&demo_files()).unwrap();
        let kind = city.service_type(&ServiceCode::from(code)).unwrap();
        let mut typed = Typed { address: "Ropewalk St 200".to_owned(), ..Typed::default() };
        for question in kind.questions.iter().filter(|question| question.required) {
            let option = question.options.first().map_or("1", |option| option.key.as_str());
            typed.answers.insert(question.code.clone(), vec![option.to_owned()]);
        }
        change(&mut typed);
        look(check(&city, kind, &typed, None))
    }

    #[test]
    fn contact_is_dropped_where_the_catalog_does_not_ask_for_it() {
        let contact = with("graffiti", |typed| typed.email = "a@b.org".into(), |checked| checked.unwrap().contact);
        let rule = City::parse(&demo_files()).unwrap().service_type(&ServiceCode::from("graffiti")).unwrap().contact;
        assert_eq!(contact.is_some(), rule != ContactRule::None);
        with(
            "sidewalk_litter",
            |typed| typed.email = "a@b.org".into(),
            |checked| {
                assert_eq!(checked.unwrap().contact, None);
            },
        );
    }

    #[test]
    fn a_missed_pickup_needs_a_name_and_a_way_to_reach_it() {
        with(
            "missed_trash_pickup",
            |_| {},
            |checked| {
                let errors = checked.unwrap_err().errors;
                assert!(errors.contains_key("name") && errors.contains_key("contact"), "{errors:?}");
            },
        );
    }

    #[test]
    fn an_answer_that_is_not_on_the_list_is_not_taken() {
        with(
            "pothole",
            |typed| {
                typed.answers.insert("size".into(), vec!["<script>".into()]);
            },
            |checked| {
                assert!(checked.unwrap_err().errors.contains_key("q_size"));
            },
        );
    }

    #[test]
    fn null_island_and_nonsense_are_no_place() {
        for (lat, lon) in [("0", "0"), ("x", "1"), ("91", "0"), ("NaN", "NaN"), ("1", "")] {
            with(
                "pothole",
                |typed| (typed.lat, typed.lon) = (lat.into(), lon.into()),
                |checked| {
                    assert!(checked.unwrap_err().errors.contains_key("address"), "{lat} {lon}");
                },
            );
        }
    }

    #[test]
    fn an_unknown_address_goes_through_once_the_person_says_so() {
        with("pothole", |typed| typed.address = "behind the library".into(), |checked| assert!(checked.is_err()));
        with(
            "pothole",
            |typed| (typed.address, typed.address_as_is) = ("behind the library".into(), true),
            |checked| {
                let checked = checked.unwrap();
                assert_eq!((checked.place, checked.address.as_deref()), (None, Some("behind the library")));
            },
        );
    }
}
