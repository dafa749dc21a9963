//! What the UI may ask of the engine, what it answers, and what it tells unasked.
//!
//! Everything is a value that serializes: on the web it crosses to a Worker, and from one tab to another. Every command
//! carries ids made by the asker, so that asking again (after a take-over by another tab, after a lost answer) does
//! nothing twice.

mod day;
mod sheet;

pub use super::pick::{LeftOut, Pick, PickFailure, PickedFile, Picking};
use coldpatch_shared::action::Action;
use coldpatch_shared::api::Session;
use coldpatch_shared::city::{CityFiles, Priority};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, CrewId, DeviceId, EntryId, ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{FlagKind, Mark, Photo, PhotoSlot, PlaceFix, Status, WorkOrder};
use coldpatch_shared::photo::Area;
pub use day::{Day, DayFilter, DayGroup, DayStop, Ids};
use serde::{Deserialize, Serialize};
pub use sheet::{
    FileInTrouble, FileTrouble, OriginalsHeld, Progress, RefusedItem, Room, ShotsOf, Stored, SyncLine, SyncSheet,
    WaitingItem,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A question or a command to the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Who this database belongs to. → [`Reply::Session`]
    Session,
    /// Turns a one-time code into a session; needs the network once. → [`Reply::Session`], or [`Reply::KnownHere`] when the
    /// code is for a person whose database is `beside` this one: nothing was changed then.
    Enroll {
        /// As in the sign-in link, or typed.
        code: String,
        /// What the person would call this device.
        device_name: String,
        /// The other databases in this place.
        beside: Vec<DeviceId>,
    },
    /// The city's files, if the phone has them. → [`Reply::City`]
    City,
    /// Work orders for a list or a map. → [`Reply::Jobs`]
    Jobs(JobsFilter),
    /// A crew's day. → [`Reply::Day`]
    Day(DayFilter),
    /// The rows of these work orders, as far as they are here. → [`Reply::Jobs`]
    JobRows(Ids),
    /// One work order, whole. → [`Reply::Job`]
    Job(WorkOrderId),
    /// Open work orders near a place, nearest first. → [`Reply::Nearby`]
    Nearby {
        /// Around where.
        place: LatLon,
        /// How far, in meters.
        radius_m: f64,
    },
    /// Does something to a work order. Durable when it answers. → [`Reply::Done`]
    Do {
        /// Made once by the asker.
        action_id: ActionId,
        /// To which.
        work_order: WorkOrderId,
        /// What.
        action: Action,
    },
    /// Takes a photo into a work order: keeps it, makes its renditions, adds the entry; cut off, the next start goes on with it.
    /// → [`Reply::Remarks`]
    AttachPhoto {
        /// Made once by the asker.
        action_id: ActionId,
        /// To which.
        work_order: WorkOrderId,
        /// What it shows.
        slot: PhotoSlot,
        /// The file as the camera made it.
        #[serde(with = "serde_bytes")]
        file: Vec<u8>,
        /// [`Ask::PlacePhoto`] says where it was taken, or that nobody knows: it is added after that, or some seconds later.
        #[serde(default)]
        place_follows: bool,
    },
    /// Where a photo was taken that is asked to be kept, when that was not known at once. One that says it itself, or is added by then, is
    /// not touched. → [`Reply::Done`]
    PlacePhoto {
        /// The action's id, or the shot's.
        photo: Uuid,
        /// The phone's own fix; none will come.
        place: Option<PlaceFix>,
    },
    /// Reads a photo into a new draft. → [`Reply::Draft`]
    DraftFromPhoto {
        /// The ids of what the draft will become; made once by the asker.
        ids: DraftIds,
        /// The file as the camera made it.
        #[serde(with = "serde_bytes")]
        file: Vec<u8>,
        /// The phone's own fix when the photo was picked, for a photo that has no position.
        device_place: Option<PlaceFix>,
    },
    /// Somebody is about to pick or take photos: what makes them may be started meanwhile. → [`Reply::Done`]
    ExpectPhotos,
    /// Photos were picked, in the order in which they were taken; [`Ask::PickedBytes`] follows for each. → [`Reply::Done`]
    Picked {
        /// Made once by the asker.
        batch: Uuid,
        /// The photos.
        picks: Vec<Pick>,
        /// Those that show the same moment as others.
        #[serde(default)]
        left_out: Option<LeftOut>,
    },
    /// The bytes of one of them, durable when it answers; it is made later. → [`Reply::Done`]
    PickedBytes {
        /// Which.
        id: Uuid,
        /// Where they are.
        file: PickedFile,
    },
    /// The phone's own fix, for photos of a batch that have no position. → [`Reply::Done`]
    PickedPlace {
        /// Which batch.
        batch: Uuid,
        /// Where the phone was when they were picked.
        place: PlaceFix,
    },
    /// How far picked photos are. → [`Reply::Picking`]
    Picking,
    /// No more of them: what is in a draft stays. → [`Reply::Done`]
    StopPicking,
    /// The person has read that a photo could not be taken in, or that some were left out. → [`Reply::Done`]
    ForgetPick(Uuid),
    /// Two drafts show one thing: all photos of the first go to the second. → [`Reply::Done`]
    JoinDrafts {
        /// Is gone afterwards.
        from: WorkOrderId,
        /// Keeps its ids and what was typed.
        into: WorkOrderId,
    },
    /// A photo shows another thing: it becomes a draft of its own. → [`Reply::Done`]
    PartDraft {
        /// Where it is now.
        from: WorkOrderId,
        /// SHA-256 of one of its files.
        photo: String,
        /// The ids of what the new draft will become; made once by the asker.
        ids: DraftIds,
    },
    /// Makes a photo that was just taken in the app a draft; with the ids of one that is here, it joins that one's photos.
    /// → [`Reply::Draft`]
    DraftFromShot {
        /// As of [`Ask::DraftFromPhoto`].
        ids: DraftIds,
        /// For [`Ask::PlacePhoto`]; made once by the asker.
        shot: Uuid,
        /// The picture.
        #[serde(with = "serde_bytes")]
        file: Vec<u8>,
        /// When and where.
        taken: Taken,
    },
    /// Keeps a photo for a work order that the person may still mark, cover or throw away: it is sent after
    /// [`Ask::AddShots`]. Durable when it answers. → [`Reply::Shots`]
    KeepShot {
        /// Of the action that will add it; made once by the asker.
        shot: ActionId,
        /// For which.
        work_order: WorkOrderId,
        /// What it shows.
        slot: PhotoSlot,
        /// The picture.
        #[serde(with = "serde_bytes")]
        file: Vec<u8>,
        /// When and where.
        taken: Taken,
    },
    /// The photos kept so for a work order, oldest first; not those that add themselves. → [`Reply::Shots`]
    Shots(WorkOrderId),
    /// Throws one of them away. → [`Reply::Shots`]
    DropShot {
        /// For which it was.
        work_order: WorkOrderId,
        /// Which.
        shot: ActionId,
    },
    /// Adds all of them to the work order. → [`Reply::Remarks`]
    AddShots(WorkOrderId),
    /// Marks a photo that is not yet added or filed, and covers parts of it for good: then its files are made anew, the
    /// original and all that showed what is covered are gone from this device. → [`Reply::Done`]
    Retouch {
        /// The draft, or the job for which it waits.
        work_order: WorkOrderId,
        /// SHA-256 of the photo's first file.
        photo: String,
        /// All its marks.
        marks: Vec<Mark>,
        /// What to cover.
        cover: Vec<Area>,
    },
    /// Makes a photo once more of which only the original is here, although that was given up. → [`Reply::Done`]
    MakeAgain {
        /// The draft, or the job for which it waits.
        work_order: WorkOrderId,
        /// SHA-256 of its original.
        photo: String,
    },
    /// All drafts, oldest first. → [`Reply::Drafts`]
    Drafts,
    /// Keeps a draft as the person left it. → [`Reply::Done`]
    SaveDraft(Box<Draft>),
    /// Throws a draft away, its photos with it. → [`Reply::Done`]
    DiscardDraft(WorkOrderId),
    /// Files a draft: creates the work order, or joins the one that it names. → [`Reply::Done`]
    FileDraft(WorkOrderId),
    /// Keeps what a form holds, at every keystroke; `None` forgets it. → [`Reply::Done`]
    SaveForm {
        /// Which form (`job/<id>/note`).
        key: String,
        /// What it holds.
        value: Option<String>,
    },
    /// What a form held. → [`Reply::Form`]
    Form {
        /// Which form.
        key: String,
    },
    /// The file with this SHA-256, from the phone or, failing that, from the server. → [`Reply::File`]
    File {
        /// Lowercase hexadecimal.
        sha256: String,
    },
    /// The one sync line. → [`Reply::SyncLine`]
    SyncLine,
    /// What is where, item by item. → [`Reply::SyncSheet`]
    SyncSheet,
    /// Sync at once. → [`Reply::Done`]
    SyncNow,
    /// Tries a photo file again that the server did not take. → [`Reply::Done`]
    RetryFile {
        /// Lowercase hexadecimal.
        sha256: String,
    },
    /// Puts away a photo file that is gone from this phone: it no longer waits. → [`Reply::Done`]
    LetFileGo {
        /// Lowercase hexadecimal.
        sha256: String,
    },
    /// Everything that only this phone has, in words that another program reads: for when it cannot be sent. Photos' own
    /// files are not in it. → [`Reply::Export`]
    Export,
    /// What photos take on this phone. → [`Reply::Stored`]
    Stored,
    /// Whether full-size photos wait while the connection is metered; kept. → [`Reply::Done`]
    SetOriginalsOnWifi(bool),
    /// Sends the full-size photos that wait for wifi on this connection, this once. → [`Reply::Done`]
    SendOriginalsNow,
    /// The app is in front again: what was missed comes at once. → [`Reply::Done`]
    Resumed,
    /// The platform says that there is a network, or none. → [`Reply::Done`]
    Network(bool),
    /// Puts away a refused action that the person has seen. It stays in the journal. → [`Reply::Done`]
    LetGo(ActionId),
    /// Sends what a refused action said as a note instead, and puts the refusal away. → [`Reply::Done`]
    SendAsNote {
        /// The refused action.
        refused: ActionId,
        /// The id of the note's action; made once by the asker.
        action_id: ActionId,
    },
}

/// The engine's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is described where `Ask` points to it")]
pub enum Reply {
    Session(Option<Session>),
    /// The code is for this one of the devices beside.
    KnownHere(DeviceId),
    City(Option<CityFiles>),
    Jobs(JobsPage),
    Day(Box<Day>),
    Job(Option<Box<Job>>),
    Nearby(Vec<NearbyJob>),
    Done,
    /// Done, and what the person should know about the photo.
    Remarks(Vec<String>),
    Draft(Box<Draft>),
    Drafts(Vec<Draft>),
    Picking(Picking),
    Shots(Vec<Shot>),
    Form(Option<String>),
    File(Option<FileContent>),
    SyncLine(SyncLine),
    SyncSheet(SyncSheet),
    /// JSON.
    Export(String),
    Stored(Stored),
}

/// Something changed; whoever shows it asks again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Changed {
    /// Somebody signed in here, or the server no longer knows the device.
    Session,
    /// The city's files.
    City,
    /// These work orders; empty means many.
    Jobs(BTreeSet<WorkOrderId>),
    /// Drafts.
    Drafts,
    /// How far picked photos are.
    Picking(Picking),
    /// The sync line; it comes along because every screen shows it.
    Sync(SyncLine),
}

/// Why the engine could not do what was asked. `message` is for the person: what happened, what was kept, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    /// For programs.
    pub kind: ErrorKind,
    /// For the person.
    pub message: String,
}

/// What kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// The database cannot be opened, read or written.
    Storage,
    /// The phone is full.
    Full,
    /// The server could not be reached, for something that needs it.
    Network,
    /// The server said no (a used code, say).
    Server,
    /// The policy or the state of the job does not allow it.
    Denied,
    /// The photo cannot be read.
    Photo,
    /// What was asked for is not on this phone.
    NotHere,
    /// A form is not complete.
    Incomplete,
    /// The engine stopped; the next question starts it again.
    Stopped,
}

/// Which work orders a list wants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JobsFilter {
    /// Only this crew's.
    pub crew: Option<CrewId>,
    /// Only those that nobody has.
    pub unassigned: bool,
    /// Only these statuses; empty means all.
    pub statuses: Vec<Status>,
    /// Only those whose time is up, by the phone's clock corrected to the server's.
    pub overdue: bool,
    /// Only those that a merge left for a person to look at.
    pub flagged: bool,
    /// What was typed into a search field: words that must all occur in the tracking number, the address, the type's name and
    /// keywords, or what people reported; of each word the beginning is enough. What fits best comes first.
    pub text: String,
    /// At most so many; 0 means all.
    pub limit: u32,
    /// Skip so many.
    pub offset: u32,
}

/// One page of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JobsPage {
    /// The rows: urgent first, then by due time.
    pub rows: Vec<JobRow>,
    /// How many fit the filter in all.
    pub total: u32,
    /// Now by the server's clock as far as the phone knows it, ms since the Unix epoch; what "overdue" is measured by.
    pub now: i64,
}

/// A work order in a list or on a map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// Which.
    pub id: WorkOrderId,
    /// Its type.
    pub service_code: ServiceCode,
    /// Its state.
    pub status: Status,
    /// How urgent.
    pub priority: Priority,
    /// Where.
    pub place: Option<LatLon>,
    /// The place in words.
    pub address: Option<String>,
    /// Until when, ms since the Unix epoch.
    pub due: Option<i64>,
    /// Whose.
    pub assignment: Option<CrewId>,
    /// How many people filed it.
    pub requests: u32,
    /// The first request's number, once the server has given one.
    pub tracking_number: Option<String>,
    /// What a merge left for a person to look at.
    pub flags: Vec<FlagKind>,
    /// Whether people disagree on a field.
    pub disagreements: bool,
    /// SHA-256 of the first photo's thumbnail.
    pub thumbnail: Option<String>,
    /// What is shown until that is here; [`coldpatch_shared::photo::Blur`].
    #[serde(default)]
    pub blur: Option<String>,
    /// When it came to be, ms since the Unix epoch.
    pub created_at: i64,
    /// When it last changed, ms since the Unix epoch.
    pub updated_at: i64,
    /// Whether something of it is on this phone only.
    pub only_here: bool,
    /// The crew of whoever put it into its state.
    #[serde(default)]
    pub status_crew: Option<CrewId>,
    /// When that was, ms since the Unix epoch.
    #[serde(default)]
    pub status_at: Option<i64>,
    /// Why: a reason's key of the catalog, or words; the department that it was handed to.
    #[serde(default)]
    pub status_why: Option<String>,
}

/// A work order near a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearbyJob {
    /// Which.
    pub row: JobRow,
    /// How far, in meters.
    pub distance_m: f64,
}

/// A work order, whole, and where its parts are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The work order as derived from everything this phone has.
    pub order: WorkOrder,
    /// Entries that only this phone has.
    pub only_here: BTreeSet<EntryId>,
    /// Photo files (SHA-256) that wait to be sent.
    pub files_waiting: BTreeSet<String>,
    /// Other jobs here whose documents name this one, whatever its own says.
    #[serde(default)]
    pub named_by: BTreeSet<WorkOrderId>,
    /// Actions of this phone that were refused and wait for the person; a link of one of them has one half at most.
    #[serde(default)]
    pub refused: BTreeSet<ActionId>,
    /// Now by the server's clock as far as the phone knows it, ms since the Unix epoch.
    pub now: i64,
}

/// A file and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileContent {
    /// `image/jpeg`, …
    pub media_type: String,
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// The ids of what a draft will become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftIds {
    /// The work order that it creates; also the draft's own id.
    pub work_order: WorkOrderId,
    /// The service request.
    pub request: ServiceRequestId,
    /// The action that files it.
    pub action: ActionId,
}

/// A request that an inspector has begun: photo first, the rest as it comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// What it will become.
    pub ids: DraftIds,
    /// Its photos; their files are on this phone.
    pub photos: Vec<Photo>,
    /// Said to the person about the photos: a HEIC that nothing here can show, say.
    pub remarks: Vec<String>,
    /// Where, by the best source so far.
    pub place: Option<PlaceFix>,
    /// The place in words.
    pub address: Option<String>,
    /// The person said that a place outside the city is right.
    pub outside_is_right: bool,
    /// The type.
    pub service_code: Option<ServiceCode>,
    /// How urgent, when the person says otherwise than the catalog.
    pub priority: Option<Priority>,
    /// Words.
    pub description: String,
    /// Answers to the type's questions.
    pub answers: BTreeMap<String, Vec<String>>,
    /// "This is it": the work order that it joins.
    pub joins: Option<WorkOrderId>,
    /// When it was begun, ms since the Unix epoch.
    pub created_at: i64,
}

/// What the device knew when a photo was taken in the app.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// Its clock, as a camera writes it (`2021-05-01T14:32:00+02:00`).
    pub at: Option<String>,
    /// The same, ms since the Unix epoch.
    pub at_ms: Option<i64>,
    /// Its own fix, if it had one; [`Ask::PlacePhoto`] where it comes later.
    pub place: Option<PlaceFix>,
}

/// A photo that is kept for a work order and not yet added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shot {
    /// The action that will add it.
    pub id: ActionId,
    /// The photo; its files are on this phone.
    pub photo: Photo,
    /// Said to the person about it.
    #[serde(default)]
    pub remark: Option<String>,
    /// It is added as soon as it is made; nobody is asked ([`Ask::AttachPhoto`]).
    #[serde(default)]
    pub adds_itself: bool,
}
