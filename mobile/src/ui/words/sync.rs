//! The sync line and the sheet behind it: what is on this phone only, what is going, what the city has, what needs you.

use super::{count, job, line, list, sending, status};
use crate::engine::api::{SyncLine, WaitingItem};
use crate::ui::measure;
use crate::ui::tone::Tone;
use coldpatch_shared::action::Action;
use coldpatch_shared::city::City;
use coldpatch_shared::order::{FieldValue, PhotoSlot};
use coldpatch_shared::sync::phone::Failure;

/// The sheet's title.
pub const TITLE: &str = "What is where";
/// Refused.
pub const NEEDS_YOU: &str = "Needs you";
/// Not yet sent.
pub const ONLY_HERE: &str = "Only on this phone";
/// Sent.
pub const CITY_HAS: &str = "The city has";
/// The main button.
pub const TRY_NOW: &str = "Try now";
/// Above a refusal.
pub const NOT_ACCEPTED: &str = "Not accepted";
/// One way out of a refusal.
pub const SEND_AS_NOTE: &str = "Send as a note";
/// The other.
pub const LET_IT_GO: &str = "Let it go";
/// Not yet.
pub const WAITING: &str = "Waiting";
/// Just now.
pub const ON_ITS_WAY: &str = "On its way";
/// A job that is not on this phone any more.
pub const A_JOB: &str = "A job";
/// Nothing waits.
pub const NOTHING_WAITS: &str = "Nothing waits on this phone.";
/// Leads to the drafts.
pub const TO_DRAFTS: &str = "They go out when you file them.";
/// Never in contact.
pub const NEVER: &str = "No contact with the city yet";

/// What the sync line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// First, in plain weight.
    pub lead: String,
    /// Then what counts, in bold.
    pub strong: String,
    /// How it looks.
    pub tone: Tone,
}

/// The one honest line.
#[must_use]
pub fn state(line: &SyncLine) -> Line {
    let here = safe_here(line);
    let say = |lead: &str, strong: String, tone| Line { lead: lead.to_owned(), strong, tone };
    if line.failure == Some(Failure::SignedOut) {
        return say("This device is signed out.", here, Tone::Stop);
    }
    if line.failure == Some(Failure::Revoked) {
        return say("The city has signed this phone out.", here, Tone::Stop);
    }
    if line.needs_you > 0 {
        let needs = if line.needs_you == 1 {
            "1 thing needs you".to_owned()
        } else {
            format!("{} things need you", line.needs_you)
        };
        return say("", needs, Tone::Review);
    }
    if line.no_network || line.failure == Some(Failure::Unreachable) {
        return say("No signal.", here, if line.only_here > 0 { Tone::Work } else { Tone::Quiet });
    }
    match line.failure {
        Some(Failure::ServerTrouble) => return say("The city’s server is busy.", here, Tone::Work),
        Some(Failure::NotUnderstood) => return say("This app is out of date: load it again.", here, Tone::Stop),
        _ => {}
    }
    if let Some(progress) = &line.progress {
        return say(&format!("{}.", sending::progress_short(progress)), to_send(line), Tone::Work);
    }
    if line.sending > 0 {
        return say("", format!("Sending {}", count(line.sending as usize, "thing", "things")), Tone::Work);
    }
    if only_originals_wait(line) {
        return say("All else is sent.", sending::wait_for_wifi(line.originals_held), Tone::Quiet);
    }
    if line.only_here > 0 {
        return say("", to_send(line), Tone::Work);
    }
    match line.last_contact {
        None => say("Connecting…", begun(line).unwrap_or_default(), Tone::Quiet),
        Some(_) if begun(line).is_some() => say("", begun(line).unwrap_or_default(), Tone::Work),
        Some(_) => say("All sent", String::new(), Tone::Done),
    }
}

fn to_send(line: &SyncLine) -> String {
    match line.only_here {
        0 => String::new(),
        only_here => format!("{} to send", count(only_here as usize, "thing", "things")),
    }
}

/// Whether what is only here are full-size photos that wait for wifi, and nothing else.
fn only_originals_wait(line: &SyncLine) -> bool {
    let held = line.originals_held;
    held > 0 && line.only_here <= held && line.photos_waiting == held
}

fn safe_here(line: &SyncLine) -> String {
    match line.only_here {
        0 if begun(line).is_some() => begun(line).unwrap_or_default(),
        0 => "Nothing waits to be sent".to_owned(),
        1 => "1 thing is safe on this phone".to_owned(),
        many => format!("{many} things are safe on this phone"),
    }
}

/// What was begun here and does not go out by itself.
fn begun(line: &SyncLine) -> Option<String> {
    if line.drafts > 0 { Some(drafts(line.drafts)) } else { (line.shots > 0).then(|| super::camera::held(line.shots)) }
}

/// Drafts that nobody has but this phone: `2 drafts on this phone, not filed yet`.
#[must_use]
pub fn drafts(drafts: u32) -> String {
    format!("{} on this phone, not filed yet", count(drafts as usize, "draft", "drafts"))
}

/// When the server was last heard.
#[must_use]
pub fn last_contact(clock: &str, ago: &str) -> String {
    format!("Last contact {clock}, {ago}")
}

/// What is safe with the city; `waits` when something older may still be on this phone.
#[must_use]
pub fn everything_before(clock: &str, waits: bool) -> String {
    if waits { format!("Everything else before {clock}") } else { format!("Everything before {clock}") }
}

/// What this phone keeps a copy of.
#[must_use]
pub fn jobs_here(jobs: u32) -> String {
    format!("{} on this phone", count(jobs as usize, "job", "jobs"))
}

/// A section with its number.
#[must_use]
pub fn section(title: &str, number: usize) -> String {
    if number == 0 { title.to_owned() } else { format!("{title} · {number}") }
}

/// What one work order waits to send: `Before photo, checklist, 20 min`.
#[must_use]
pub fn waiting(item: &WaitingItem, city: &City) -> String {
    // Of several corrections of one record only the last counts.
    let mut parts: Vec<(Option<String>, String)> = Vec::new();
    for action in &item.actions {
        let (record, part) = (record(action), short(action, city));
        if record.is_some() {
            parts.retain(|(known, _)| *known != record);
        }
        if !part.is_empty() && !parts.iter().any(|(_, known)| *known == part) {
            parts.push((record, part));
        }
    }
    let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
    let files = match item.files {
        0 => String::new(),
        files => format!("{}, {}", count(files as usize, "photo file", "photo files"), measure::bytes(item.bytes)),
    };
    line([super::capital(&parts.join(", ")), files])
}

/// Which record an action corrects.
fn record(action: &Action) -> Option<String> {
    match action {
        Action::RecordLabor { .. } => Some("labor".to_owned()),
        Action::RecordMaterial { material } => Some(material.material.clone()),
        Action::RecordEquipment { equipment } => Some(equipment.equipment.clone()),
        _ => None,
    }
}

/// An action in a few words, for lists of what waits.
#[must_use]
pub fn short(action: &Action, city: &City) -> String {
    match action {
        Action::File { follows: Some(_), .. } => "follow-up job".to_owned(),
        Action::File { .. } => "new job".to_owned(),
        Action::Join { .. } => "one more report".to_owned(),
        Action::AddPhoto { photo } => match photo.slot {
            PhotoSlot::Before => "before photo".to_owned(),
            PhotoSlot::After => "after photo".to_owned(),
            PhotoSlot::Report | PhotoSlot::Other => "photo".to_owned(),
        },
        Action::AddNote { .. } => "note".to_owned(),
        Action::RecordLabor { labor } => job::labor(labor.people, labor.minutes),
        Action::RecordMaterial { material } => job::quantity(material.quantity, &material.unit),
        Action::RecordEquipment { equipment } => equipment.name.clone(),
        Action::Tick { .. } => "checklist".to_owned(),
        Action::Decide { value } => decision(value, city),
        Action::Start => "started".to_owned(),
        Action::Pause => "paused".to_owned(),
        Action::Complete { .. } => "done".to_owned(),
        Action::CannotComplete { .. } => "cannot be done".to_owned(),
        Action::Transfer { .. } => "not ours".to_owned(),
        Action::Cancel { .. } => "cancelled".to_owned(),
        Action::Reopen { .. } => "reopened".to_owned(),
        Action::Review { .. } => "looked at".to_owned(),
        Action::Withdraw { .. } => "taken back".to_owned(),
        Action::MarkDuplicate { .. } => "duplicate".to_owned(),
        Action::WithdrawLink { .. } => "link taken back".to_owned(),
        Action::LosePhoto { .. } => "photo lost".to_owned(),
        Action::Acknowledge { .. } => String::new(),
    }
}

/// A decision in a few words.
#[must_use]
pub fn decision(value: &FieldValue, city: &City) -> String {
    match value {
        FieldValue::ServiceCode(code) => format!("type → {}", job::type_name(code, city)),
        FieldValue::Priority(priority) => format!("priority → {}", status::priority(*priority)),
        FieldValue::Location(_) => "new place".to_owned(),
        FieldValue::Address(address) => format!("address → {address}"),
        FieldValue::Assignment(crew) => format!("given to {}", super::people::assigned(crew.as_ref(), city)),
        FieldValue::Due(_) => "new due date".to_owned(),
        FieldValue::Description(_) => "description".to_owned(),
    }
}

/// A refused action's heading: `Priority → Low, of “Leaking hydrant, Pier 3”`.
#[must_use]
pub fn refused(action: &Action, subject: &str, city: &City) -> String {
    let parts = [super::capital(&short(action, city))];
    format!("{}: {subject}", list(&parts))
}

/// Everything that was typed in a refused action, so that nothing is lost from sight.
#[must_use]
pub fn typed(action: &Action) -> Option<String> {
    match action {
        Action::AddNote { note } => Some(note.text.clone()),
        Action::Complete { note }
        | Action::CannotComplete { note, .. }
        | Action::Transfer { note, .. }
        | Action::Review { note, .. }
        | Action::Withdraw { note, .. }
        | Action::WithdrawLink { note, .. }
        | Action::LosePhoto { note, .. } => note.clone(),
        Action::Cancel { reason } | Action::Reopen { reason } => Some(reason.clone()),
        Action::File { request, .. } | Action::Join { request, .. } => {
            (!request.description.is_empty()).then(|| request.description.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::Progress;

    fn line(change: impl FnOnce(&mut SyncLine)) -> SyncLine {
        let mut line = SyncLine { last_contact: Some(1), ..SyncLine::default() };
        change(&mut line);
        line
    }

    #[test]
    fn the_sync_line_says_the_truth_in_each_state() {
        let cases = [
            (line(|_| ()), "All sent", Tone::Done),
            (line(|line| line.last_contact = None), "Connecting…", Tone::Quiet),
            (line(|line| line.no_network = true), "No signal. Nothing waits to be sent", Tone::Quiet),
            (
                line(|line| (line.no_network, line.only_here) = (true, 3)),
                "No signal. 3 things are safe on this phone",
                Tone::Work,
            ),
            (
                line(|line| (line.failure, line.only_here) = (Some(Failure::Unreachable), 1)),
                "No signal. 1 thing is safe on this phone",
                Tone::Work,
            ),
            (line(|line| (line.sending, line.only_here) = (2, 3)), "Sending 2 things", Tone::Work),
            (line(|line| line.only_here = 1), "1 thing to send", Tone::Work),
            (
                line(|line| {
                    line.progress = Some(Progress { received: 400, remaining: 1_600, bytes: 1 });
                    line.only_here = 2;
                }),
                "Getting jobs: 400 of about 2,000. 2 things to send",
                Tone::Work,
            ),
            (
                line(|line| (line.only_here, line.photos_waiting, line.originals_held) = (2, 2, 2)),
                "All else is sent. 2 full-size photos wait for wifi",
                Tone::Quiet,
            ),
            (
                line(|line| (line.only_here, line.photos_waiting, line.originals_held) = (3, 2, 2)),
                "3 things to send",
                Tone::Work,
            ),
            (line(|line| (line.needs_you, line.no_network) = (1, true)), "1 thing needs you", Tone::Review),
            (line(|line| line.needs_you = 2), "2 things need you", Tone::Review),
            (line(|line| line.drafts = 2), "2 drafts on this phone, not filed yet", Tone::Work),
            (
                line(|line| (line.drafts, line.last_contact) = (1, None)),
                "Connecting… 1 draft on this phone, not filed yet",
                Tone::Quiet,
            ),
            (
                line(|line| (line.drafts, line.no_network) = (1, true)),
                "No signal. 1 draft on this phone, not filed yet",
                Tone::Quiet,
            ),
            (line(|line| (line.drafts, line.only_here) = (2, 1)), "1 thing to send", Tone::Work),
            (
                line(|line| (line.failure, line.only_here) = (Some(Failure::ServerTrouble), 2)),
                "The city’s server is busy. 2 things are safe on this phone",
                Tone::Work,
            ),
            (
                line(|line| (line.failure, line.only_here) = (Some(Failure::SignedOut), 2)),
                "This device is signed out. 2 things are safe on this phone",
                Tone::Stop,
            ),
            (
                line(|line| (line.failure, line.only_here) = (Some(Failure::Revoked), 1)),
                "The city has signed this phone out. 1 thing is safe on this phone",
                Tone::Stop,
            ),
        ];
        for (line, words, tone) in cases {
            let said = state(&line);
            assert_eq!(format!("{} {}", said.lead, said.strong).trim(), words);
            assert_eq!(said.tone, tone, "{words}");
        }
    }
}
