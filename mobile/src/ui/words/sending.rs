//! How far a sync is, full-size photos that wait for wifi, and photo files that do not go.

use super::count;
use crate::engine::api::{FileInTrouble, FileTrouble, OriginalsHeld, Progress};
use crate::ui::measure;
use coldpatch_shared::ids::WorkOrderId;

/// Above the progress of a sync.
pub const RECEIVING: &str = "Coming from the city";
/// What is usable meanwhile.
pub const RECEIVING_WHAT: &str = "What has come can be used already. If the signal goes, it goes on from here.";
/// Above what concerns full-size photos.
pub const ORIGINALS: &str = "Full-size photos";
/// The switch.
pub const ON_WIFI: &str = "Wait for wifi";
/// The switch, switched on.
pub const ON_WIFI_YES: &str =
    "Where a connection may cost by the megabyte, they wait. Small pictures and everything else go at once.";
/// The switch, switched off.
pub const ON_WIFI_NO: &str = "They go on any connection, after everything else.";
/// Sends them all the same.
pub const SEND_NOW: &str = "Send them now";
/// A switch that is on.
pub const ON: &str = "On";
/// A switch that is off.
pub const OFF: &str = "Off";
/// Above a photo file that does not go.
#[must_use]
pub fn trouble(kind: FileTrouble) -> &'static str {
    match kind {
        FileTrouble::Gone => "Photo lost",
        FileTrouble::Refused => "Photo not sent",
    }
}

/// How far it is, in work orders and bytes: `400 jobs have come, about 1,600 are still to come`.
#[must_use]
pub fn progress(progress: &Progress) -> String {
    let come = if progress.received == 1 {
        "1 job has come".to_owned()
    } else {
        format!("{} jobs have come", thousands(progress.received))
    };
    match progress.remaining {
        0 => format!("{come}, the last are on their way"),
        remaining => format!("{come}, about {} to come", thousands(remaining)),
    }
}

/// The same for the sync line, which has little room.
#[must_use]
pub fn progress_short(progress: &Progress) -> String {
    let all = progress.received.saturating_add(progress.remaining);
    format!("Getting jobs: {} of about {}", thousands(progress.received), thousands(all))
}

/// The bytes that came so far.
#[must_use]
pub fn unpacked(progress: &Progress) -> String {
    format!("{} so far, unpacked", measure::bytes(progress.bytes))
}

/// What waits for wifi: `3 full-size photos, 12.4 MB`.
#[must_use]
pub fn originals(files: u32) -> String {
    count(files as usize, "full-size photo", "full-size photos")
}

/// What waits for wifi and its size.
#[must_use]
pub fn held(held: &OriginalsHeld) -> String {
    format!("{}, {}", originals(held.files), measure::bytes(held.bytes))
}

/// The end of the sync line when only they wait.
#[must_use]
pub fn wait_for_wifi(files: u32) -> String {
    format!("{} {} for wifi", originals(files), if files == 1 { "waits" } else { "wait" })
}

/// Files of one job that are in the same trouble: to a person they are one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// Whose photos.
    pub work_order: WorkOrderId,
    /// The files; the first one stands for all where a row is wanted.
    pub files: Vec<FileInTrouble>,
}

impl Trouble {
    /// What happened, what was kept, what to do.
    #[must_use]
    pub fn message(&self) -> &str {
        self.files.first().map_or("", |file| file.message.as_str())
    }

    /// How many files, and their size: `2 photo files, 640 KB`.
    #[must_use]
    pub fn what(&self) -> String {
        let bytes = self.files.iter().map(|file| file.bytes).sum();
        format!("{}, {}", count(self.files.len(), "photo file", "photo files"), measure::bytes(bytes))
    }
}

/// Files in trouble, one item for each job and reason, in the order in which they came.
#[must_use]
pub fn troubles(files: &[FileInTrouble]) -> Vec<Trouble> {
    let mut troubles: Vec<Trouble> = Vec::new();
    for file in files {
        let same =
            |known: &&mut Trouble| known.work_order == file.work_order && known.message() == file.message.as_str();
        match troubles.iter_mut().find(same) {
            Some(known) => known.files.push(file.clone()),
            None => troubles.push(Trouble { work_order: file.work_order, files: vec![file.clone()] }),
        }
    }
    troubles
}

/// `1,600`.
fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_names_what_came_and_about_what_is_to_come() {
        for (received, remaining, words) in [
            (400, 1_600, "400 jobs have come, about 1,600 to come"),
            (1, 3, "1 job has come, about 3 to come"),
            (12_000, 0, "12,000 jobs have come, the last are on their way"),
        ] {
            assert_eq!(progress(&Progress { received, remaining, bytes: 0 }), words);
        }
    }

    #[test]
    fn files_of_one_job_in_the_same_trouble_are_one_item() {
        let file = |job: u128, sha256: &str, message: &str| FileInTrouble {
            sha256: sha256.to_owned(),
            work_order: WorkOrderId(uuid::Uuid::from_u128(job)),
            row: None,
            bytes: 1_000,
            kind: FileTrouble::Gone,
            message: message.to_owned(),
        };
        let all = [file(1, "a", "gone"), file(2, "b", "gone"), file(1, "c", "gone"), file(1, "d", "refused")];
        let troubles = troubles(&all);
        let said: Vec<_> = troubles.iter().map(|one| (one.what(), one.message().to_owned())).collect();
        let item = |what: &str, message: &str| (what.to_owned(), message.to_owned());
        assert_eq!(
            said,
            [
                item("2 photo files, 2 KB", "gone"),
                item("1 photo file, 1 KB", "gone"),
                item("1 photo file, 1 KB", "refused")
            ]
        );
    }
}
