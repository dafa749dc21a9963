//! The demo: open work orders of different age on the demo city's streets, always the same ones, and sign-in links.
//!
//! Ids come from the number of each work order, so a second run finds them and adds nothing but fresh links; dates are
//! relative to the first run. [`words`] holds what people say; [`dice`] decides, from a fixed seed.

mod dice;
mod words;

use crate::app::App;
use crate::enrollment::{self, DEFAULT_HOURS, EnrollError};
use crate::intake;
use crate::ledger::{Bench, LedgerError, server_stamp};
use crate::{clock, entropy};
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::city::{City, Jurisdiction, Person, Priority, Role, ServiceType};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{FieldValue, Note, PlaceFix, PlaceSource, RequestSource, ServiceRequest, Stamp};
use dice::Dice;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::{Builder, Uuid};
use words::{Case, Progress, SAME};

/// How many work orders there are.
const ORDERS: u32 = 60;
const SEED: u64 = 0x00c0_1d9a_7c40;
const MINUTE: i64 = 60_000;
/// How far beside the center line things are found, in degrees: about 3 m.
const BESIDE: f64 = 0.000_03;

/// Where to go in the demo.
#[derive(Debug, Clone, Serialize)]
pub struct Seeded {
    /// The residents' page.
    pub resident: String,
    /// One-time sign-in links.
    pub links: Vec<Link>,
}

/// A one-time sign-in link.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// What the person may do.
    pub role: Role,
    /// Who.
    pub name: String,
    /// The link.
    pub url: String,
}

/// Why the demo could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// Nothing could be stored.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No link could be made.
    #[error(transparent)]
    Enroll(#[from] EnrollError),
}

/// Makes what is not there yet, and fresh links. Blocks.
///
/// # Errors
/// [`SeedError`].
pub fn run(app: &App) -> Result<Seeded, SeedError> {
    let now = clock::now();
    let jobs = jobs(&app.city);
    app.sync.ledger.write(None, now, |bench| -> Result<(), LedgerError> {
        for job in &jobs {
            if bench.storage().request(job.request(0))?.is_none() {
                job.make(bench, now)?;
            }
        }
        Ok(())
    })?;
    let mut crews = BTreeSet::new();
    let mut links = Vec::new();
    for role in [Role::Crew, Role::Inspector, Role::Supervisor] {
        for person in app.city.people.iter().filter(|person| person.role == role) {
            // One for each crew; else one for the role.
            if crews.insert((role as u8, person.crew.clone())) {
                let url = enrollment::invite(app, &person.id, DEFAULT_HOURS)?.url;
                links.push(Link { role, name: person.name.clone(), url });
            }
        }
    }
    Ok(Seeded { resident: app.url("/report"), links })
}

/// A work order of the demo.
struct Job<'a> {
    number: u32,
    kind: &'a ServiceType,
    case: &'static Case,
    place: LatLon,
    /// How long ago it was filed, in minutes.
    age: i64,
    progress: Progress,
    supervisor: Option<&'a Person>,
    /// What a second and a third person said.
    joined: Vec<&'static str>,
}

/// All of them, the oldest first, so that tracking numbers follow time.
fn jobs(city: &City) -> Vec<Job<'_>> {
    let mut dice = Dice::new(SEED);
    let supervisor = city.people.iter().find(|person| person.role == Role::Supervisor);
    let known: Vec<_> = words::CASES
        .iter()
        .filter_map(|case| Some((case, city.service_type(&ServiceCode::from(case.code))?)))
        .collect();
    let mut jobs: Vec<_> = (0..ORDERS)
        .zip(known.iter().cycle())
        .filter_map(|(number, (case, kind))| {
            let promised = f64::from(kind.hours_to_complete) * 60.0;
            // Every fifth is late; the others are somewhere on their way.
            let share = if number % 5 == 4 { dice.between(1.05, 2.0) } else { dice.between(0.02, 0.9) };
            #[allow(clippy::cast_possible_truncation, reason = "minutes of three weeks at most")]
            let age = (promised * share).clamp(3.0, 21.0 * 24.0 * 60.0) as i64;
            let place = place(city, &mut dice)?;
            let joined = match number % 12 {
                3 => SAME.iter().skip(number as usize % SAME.len()).take(1).copied().collect(),
                9 => SAME.iter().cycle().skip(number as usize % SAME.len()).take(2).copied().collect(),
                _ => Vec::new(),
            };
            Some(Job { number, kind, case, place, age, progress: Progress::of(number), supervisor, joined })
        })
        .collect();
    jobs.sort_by_key(|job| std::cmp::Reverse(job.age));
    jobs
}

/// Somewhere on a street, a few meters beside its center line, inside the city.
fn place(city: &City, dice: &mut Dice) -> Option<LatLon> {
    for _ in 0..100 {
        let street = city.streets.get(dice.below(city.streets.len()))?;
        let Some(at) = street.line.len().checked_sub(1).filter(|last| *last > 0).map(|last| dice.below(last)) else {
            continue;
        };
        let (Some(a), Some(b)) = (street.line.get(at), street.line.get(at + 1)) else { continue };
        let along = dice.between(0.1, 0.9);
        let lat = a.lat + (b.lat - a.lat) * along + dice.between(-BESIDE, BESIDE);
        let lon = a.lon + (b.lon - a.lon) * along + dice.between(-BESIDE, BESIDE);
        let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
        let place = LatLon::new(round(lat), round(lon)).ok();
        if let Some(place) = place.filter(|place| city.jurisdiction_at(*place) == Jurisdiction::Ours) {
            return Some(place);
        }
    }
    None
}

impl Job<'_> {
    fn id(&self, what: &str) -> Uuid {
        let hash = entropy::hash(format!("coldpatch demo {} {what}", self.number).as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Builder::from_custom_bytes(bytes).into_uuid()
    }

    fn request(&self, nth: i64) -> ServiceRequestId {
        ServiceRequestId(self.id(&format!("request {nth}")))
    }

    fn filed(&self, nth: i64, description: &str) -> ServiceRequest {
        let answers =
            self.case.answers.iter().map(|(question, answer)| ((*question).to_owned(), vec![(*answer).to_owned()]));
        ServiceRequest {
            request: self.request(nth),
            source: if nth == 0 && self.number.is_multiple_of(3) { RequestSource::Field } else { RequestSource::Web },
            service_code: self.kind.code.clone(),
            description: description.to_owned(),
            answers: if nth == 0 { answers.collect() } else { Default::default() },
            place: Some(PlaceFix { at: self.place, source: PlaceSource::Pin, accuracy_m: None, age_s: None }),
            address: None,
            mirrors: None,
            observed_at: None,
        }
    }

    fn make(&self, bench: &mut Bench<'_>, now: i64) -> Result<(), LedgerError> {
        let work_order = WorkOrderId(self.id("work order"));
        let opened = now - self.age * MINUTE;
        let filed = self.filed(0, self.case.description);
        intake::file(bench, self.kind, work_order, filed, Vec::new(), server_stamp(opened))?;
        bench.keep_up(work_order, opened)?;
        // Later things happen at parts of the time that has passed since.
        let at = |part: i64| opened + self.age * MINUTE * part / 10;
        for (nth, said) in (1_i64..).zip(&self.joined) {
            let request = Box::new(self.filed(nth, said));
            let (joined, at) = (Action::Join { request, photos: Vec::new() }, at(1 + nth));
            let id = ActionId(self.id(&format!("join {nth}")));
            bench.perform(&Deed { id, work_order, stamp: server_stamp(at), action: joined })?;
            bench.keep_up(work_order, at)?;
        }
        let mut act = |what: &str, stamp: Stamp, action| {
            bench.perform(&Deed { id: ActionId(self.id(what)), work_order, stamp, action })
        };
        if let Some(supervisor) = self.supervisor {
            let decide = |value| Action::Decide { value };
            if self.number % 15 == 6 {
                act("priority", stamp(supervisor, at(3)), decide(FieldValue::Priority(Priority::High)))?;
            }
            if self.progress == Progress::Unassigned {
                act("taken back", stamp(supervisor, at(3)), decide(FieldValue::Assignment(None)))?;
            }
        }
        let Some(crew) = bench.order(work_order)?.and_then(|order| order.assignment) else { return Ok(()) };
        let person = bench.city().people.iter().find(|person| person.crew.as_ref() == Some(&crew));
        let Some(person) = person else { return Ok(()) };
        let mut act = |what: &str, part, action| {
            bench.perform(&Deed { id: ActionId(self.id(what)), work_order, stamp: stamp(person, at(part)), action })
        };
        match self.progress {
            Progress::Waiting | Progress::Unassigned => {}
            Progress::Started => act("start", 8, Action::Start)?,
            Progress::Paused => {
                act("start", 6, Action::Start)?;
                let note = Note { text: "Waiting for the traffic signs from the yard.".to_owned() };
                act("note", 7, Action::AddNote { note })?;
                act("pause", 7, Action::Pause)?;
            }
            Progress::CannotComplete => {
                if let Some(reason) = self.kind.cannot_complete.first() {
                    act("start", 6, Action::Start)?;
                    act("cannot", 7, Action::CannotComplete { reason: reason.key.clone(), note: None })?;
                }
            }
        }
        Ok(())
    }
}

fn stamp(person: &Person, at: i64) -> Stamp {
    Stamp {
        by: person.id.clone(),
        role: person.role,
        crew: person.crew.clone(),
        at,
        offset_ms: Some(0),
        offset_age_s: Some(0),
    }
}
