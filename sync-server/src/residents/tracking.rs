//! What a resident sees of a work order: plain words, a timeline, their own photo, the finished work. Nothing that staff
//! wrote for each other, no names, no other person's words or pictures.

use crate::entropy;
use coldpatch_mobile::ui::resident::model::{Expected, Picture, Step, StepState, TrackingView};
use coldpatch_mobile::ui::when::Zone;
use coldpatch_shared::city::{City, ServiceType};
use coldpatch_shared::ids::ServiceRequestId;
use coldpatch_shared::order::view::{HistoryItem, HistoryWhat};
use coldpatch_shared::order::{Event, EventKind, Photo, PhotoSlot, RenditionKind, Status, WorkOrder};
use jiff::Timestamp;

/// One request and all that is needed to tell how it is doing.
pub(super) struct Follow<'a> {
    pub(super) city: &'a City,
    pub(super) order: &'a WorkOrder,
    pub(super) request: ServiceRequestId,
    /// The page's own address.
    pub(super) url: String,
    /// Ms since the Unix epoch.
    pub(super) now: i64,
    /// Whether a file has arrived.
    pub(super) here: &'a dyn Fn(&str) -> bool,
}

impl Follow<'_> {
    /// The page; `None` when the work order does not hold the request.
    pub(super) fn view(&self) -> Option<TrackingView> {
        let order = self.order;
        let own = order.requests.iter().find(|entry| entry.body.request == self.request)?;
        let kind = self.city.service_type(&order.service_code);
        let closed = order.status.is_closed();
        let zone = Zone::named(&self.city.time_zone);
        let expected = order.due.filter(|_| !closed).map(|due| {
            let late = due < self.now;
            let when = if late { zone.past(due, self.now) } else { zone.future(due, self.now) };
            Expected { when, late }
        });
        let photos = order.photos.iter().map(|entry| &entry.body);
        let after = |photo: &&Photo| order.status == Status::Completed && photo.slot == PhotoSlot::After;
        let name = kind.map_or_else(|| order.service_code.0.clone(), |kind| kind.name.clone());
        let mut view = TrackingView {
            url: self.url.clone(),
            number: order.tracking_numbers.get(&self.request).cloned(),
            headline: headline(order.status).to_owned(),
            status: order.status,
            word: word(order.status).to_owned(),
            place: own.body.address.clone().or_else(|| order.address.clone()).unwrap_or_default(),
            expected,
            steps: self.steps(kind, &zone),
            description: own.body.description.clone(),
            photos: photos
                .clone()
                .filter(|photo| photo.request == Some(self.request))
                .map(|photo| self.picture(photo, &format!("Your photo: {name}")))
                .collect(),
            after: photos.filter(after).map(|photo| self.picture(photo, &format!("After the work: {name}"))).collect(),
            kind: name,
            version: String::new(),
            closed,
            photo_damaged: false,
        };
        // Everything that is shown, so that a page changes exactly when its words do.
        let mut version = entropy::hex(&entropy::hash(format!("{view:?}").as_bytes()));
        version.truncate(16);
        view.version = version;
        Some(view)
    }

    fn steps(&self, kind: Option<&ServiceType>, zone: &Zone) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut seen = Seen::default();
        for item in &self.order.history {
            let told = match &item.what {
                HistoryWhat::Request(request) => self.joined(request.request == self.request, &mut seen),
                // What happened before this person reported it is not their story, except that a crew was already there.
                HistoryWhat::Event(event) => self.happened(item, event, kind, &mut seen),
                _ => None,
            };
            let at = item.stamp.time();
            if seen.mine_now {
                seen.mine_now = false;
                steps.push(self.step("Received".to_owned(), StepState::Done, at, zone));
            }
            if let Some((what, state)) = told {
                steps.push(self.step(what, state, at, zone));
            }
        }
        if !self.order.status.is_closed() {
            let after_photo = kind.is_some_and(|kind| kind.after_photo);
            steps.push(Step {
                what: "Fixed".to_owned(),
                when: if after_photo { "You will see a photo here" } else { "You will read it here" }.to_owned(),
                datetime: String::new(),
                state: StepState::ToCome,
            });
        }
        steps
    }

    fn step(&self, what: String, state: StepState, at: i64, zone: &Zone) -> Step {
        let datetime =
            Timestamp::from_millisecond(at).map_or_else(|_| String::new(), |at| at.strftime("%FT%TZ").to_string());
        Step { what, when: zone.past(at, self.now), datetime, state }
    }

    /// A request: the person's own, or another one, told once at the moment when both were there.
    fn joined(&self, mine: bool, seen: &mut Seen) -> Option<(String, StepState)> {
        seen.mine_now = mine;
        seen.mine |= mine;
        seen.others |= !mine;
        if !seen.mine || !seen.others || seen.joined {
            return None;
        }
        seen.joined = true;
        let others = self.order.requests.len().saturating_sub(1);
        let reports = if others == 1 { "another report".to_owned() } else { format!("{others} other reports") };
        Some((format!("Joined with {reports}"), StepState::Done))
    }

    fn happened(
        &self,
        item: &HistoryItem,
        event: &Event,
        kind: Option<&ServiceType>,
        seen: &mut Seen,
    ) -> Option<(String, StepState)> {
        let order = self.order;
        let crew = || {
            let crew = item.stamp.crew.as_ref().and_then(|id| self.city.crew(id));
            crew.map_or_else(|| "A crew".to_owned(), |crew| crew.name.clone())
        };
        let stands = order.status_set_by.as_ref().is_some_and(|entry| entry.id == item.id);
        // Staff pressed by mistake and took it back: residents were not meant to read it.
        if order.withdrawn.contains(&item.id) {
            return None;
        }
        Some(match &event.kind {
            EventKind::Acknowledged if event.request == Some(self.request) => {
                let number = event.tracking_number.as_deref().unwrap_or_default();
                (format!("Number {number} given"), StepState::Done)
            }
            EventKind::Started if stands => (format!("{} is on site", crew()), StepState::Done),
            EventKind::Started => (format!("{} was on site", crew()), StepState::Done),
            EventKind::Paused if stands => ("The work is paused".to_owned(), StepState::Done),
            // Two crews may both have done it; it is fixed once.
            EventKind::Completed if !seen.fixed => {
                seen.fixed = true;
                ("Fixed".to_owned(), StepState::Done)
            }
            EventKind::CannotComplete => {
                let reason = event.reason.as_ref().and_then(|key| {
                    kind?.cannot_complete.iter().find(|choice| choice.key == *key).map(|choice| choice.name.clone())
                });
                let what = "Could not be fixed yet";
                (reason.map_or_else(|| what.to_owned(), |reason| format!("{what}: {reason}")), StepState::Trouble)
            }
            EventKind::Transferred => {
                let to = event.department.as_ref().and_then(|id| self.city.department(id));
                let to = to.map_or("another department", |department| department.name.as_str());
                (format!("Handed over to {to}"), StepState::Done)
            }
            EventKind::Cancelled if stands => {
                ("Closed without work. Call us if you want to know why.".to_owned(), StepState::Trouble)
            }
            EventKind::Reopened => {
                seen.fixed = false;
                ("Opened again".to_owned(), StepState::Done)
            }
            _ => return None,
        })
    }

    fn picture(&self, photo: &Photo, alt: &str) -> Picture {
        let shown = [RenditionKind::Display, RenditionKind::Thumbnail]
            .into_iter()
            .filter_map(|kind| photo.rendition(kind))
            .find(|rendition| (self.here)(&rendition.sha256));
        let heic = photo.rendition(RenditionKind::Original).is_some_and(|original| original.media_type.contains("hei"));
        let remark = match shown {
            Some(_) => "",
            None if heic => {
                "The photo is kept. It is in a format (HEIC) that this site cannot show yet; city staff will see it once it is converted."
            }
            None => "The photo is on its way.",
        };
        Picture {
            src: shown.map(|rendition| format!("/media/{}.jpg", rendition.sha256)),
            width: shown.map_or(0, |rendition| rendition.width),
            height: shown.map_or(0, |rendition| rendition.height),
            alt: alt.to_owned(),
            remark: remark.to_owned(),
        }
    }
}

/// What the timeline has told so far.
#[derive(Default)]
struct Seen {
    mine: bool,
    mine_now: bool,
    others: bool,
    joined: bool,
    fixed: bool,
}

fn headline(status: Status) -> &'static str {
    match status {
        Status::Open => "We have your report",
        Status::Working => "A crew is fixing it",
        Status::Paused => "Work has begun and is paused",
        Status::CannotComplete => "The crew could not fix it yet",
        Status::Transferred => "Another department takes over",
        Status::Completed => "It is fixed",
        Status::Cancelled => "Closed without work",
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Open => "Waiting for a crew",
        Status::Working => "Working",
        Status::Paused => "Paused",
        Status::CannotComplete => "Blocked",
        Status::Transferred => "Handed over",
        Status::Completed => "Done",
        Status::Cancelled => "Closed",
    }
}
