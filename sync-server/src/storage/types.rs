//! What goes into storage and comes out of it.

use automerge::ChangeHash;
use coldpatch_shared::ids::{ActionId, DeviceId, ServiceCode, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{RequestSource, WorkOrder};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// A SHA-256.
pub type Hash = [u8; 32];

/// The scope of those who follow everything.
pub const ALL: &str = "all";
/// How the scopes of devices begin. A work order leaves them by time alone.
pub const DEVICE: &str = "device:";

/// For how long, ms, a work order stays in its scopes after it was closed, and in a device's after that device changed it.
pub const KEPT: i64 = 30 * 24 * 60 * 60 * 1000;

/// The number in the name of a life of the log, `<number>/<UUID>`. Names that were given before they had one have none.
#[must_use]
pub fn number_of_epoch(epoch: &str) -> Option<u32> {
    epoch.split_once('/')?.0.parse().ok()
}

/// Another life of the log.
#[derive(Debug, Clone, Copy)]
pub struct NewEpoch<'a> {
    /// What tells it from every other.
    pub id: Uuid,
    /// Its number is this at least, and larger than that of the life that ends.
    pub at_least: u32,
    /// The life that proved that the database was restored, where this database does not know it. Its number ends before
    /// the new one's.
    pub proof: Option<&'a str>,
}

/// The log's identity and length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// This life of the log; another one after a restore from backup.
    pub epoch: String,
    /// 0 for the first life of this city's log, 1 for the next. Tracking numbers show it.
    pub epoch_number: u32,
    /// The last sequence number.
    pub sequence: u64,
    /// The log's running hash at that number; empty before the first.
    pub running: Vec<u8>,
    /// The minute since 2026 in which a later life began; 0 for the first. Tracking numbers show it, too: a database that was
    /// restored twice from one backup does not know how often.
    pub began_minute: u32,
    /// The last tracking number that was given.
    pub tracking_counter: u64,
    /// What was received before this instant is in a backup, ms since the Unix epoch.
    pub backed_up_through: Option<i64>,
}

/// A document as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// The sequence number of its last change.
    pub sequence: u64,
    /// When the server received its last change, ms since the Unix epoch.
    pub changed_at: i64,
    /// The saved document, not compressed.
    pub bytes: Vec<u8>,
}

/// A change that is to enter the log.
#[derive(Debug, Clone)]
pub struct NewChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// One uncompressed change chunk.
    pub bytes: Vec<u8>,
    /// The action that it belongs to.
    pub action: ActionId,
    /// The device that wrote it; `None` for the server's own.
    pub device: Option<DeviceId>,
    /// When the server first received it, for one that was given back; `None` is now. Ms since the Unix epoch.
    pub received_at: Option<i64>,
}

/// The scopes that a work order is in as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// Those that follow from what it is, with the instant (ms since the Unix epoch) at which it leaves each by itself.
    /// It leaves every other scope of this kind.
    pub exactly: BTreeMap<String, Option<i64>>,
    /// Those of devices, with the instant at which it leaves each at the earliest. Others of this kind stay as they are.
    pub devices: BTreeMap<String, i64>,
}

/// New changes of one work order, and all that follows from them.
#[derive(Debug, Clone)]
pub struct OrderWrite {
    /// The sequence number that the document had, 0 for a new one.
    pub seen: u64,
    /// In causal order; never empty.
    pub changes: Vec<NewChange>,
    /// The whole document with the changes in it, not compressed.
    pub document: Vec<u8>,
    /// Its heads, sorted.
    pub heads: Vec<ChangeHash>,
    /// What the document says now.
    pub order: WorkOrder,
    /// Its scopes.
    pub scopes: Scopes,
}

/// A work order whose scopes are to be other ones, although nothing happened to it: the city's files changed.
#[derive(Debug, Clone)]
pub struct Rescope {
    /// Which.
    pub work_order: WorkOrderId,
    /// The sequence number that its document had.
    pub seen: u64,
    /// Its scopes.
    pub scopes: Scopes,
}

/// What one commit takes in.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// When the server received it, ms since the Unix epoch.
    pub received_at: i64,
    /// Work orders, each at most once.
    pub orders: Vec<OrderWrite>,
    /// Others whose scopes change; each gets a number of the log.
    pub rescoped: Vec<Rescope>,
    /// The tracking counter before and after, when numbers were given.
    pub tracking: Option<(u64, u64)>,
    /// What is kept beside a request and never enters a document.
    pub private: Vec<PrivateRequest>,
}

/// The most work orders that move between scopes under one number of the log. A page is never cut within a number.
pub const MOST_MOVED: usize = 500;

/// What is kept of a request outside its document.
#[derive(Debug, Clone)]
pub struct PrivateRequest {
    /// Which.
    pub request: ServiceRequestId,
    /// The hash of the secret that opens its tracking page.
    pub secret: Option<Hash>,
    /// How to reach the person.
    pub contact: Option<Contact>,
}

/// How to reach somebody who filed a request. The only personal data that the server keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// As the person wrote it; may be empty.
    #[serde(default)]
    pub name: String,
    /// May be empty.
    #[serde(default)]
    pub email: String,
    /// May be empty.
    #[serde(default)]
    pub phone: String,
    /// Whether the person wants to be told when something happens.
    #[serde(default)]
    pub notify: bool,
}

impl Contact {
    /// Whether nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.email.is_empty() && self.phone.is_empty()
    }
}

/// What a commit did.
#[derive(Debug, Clone, Default)]
pub struct Committed {
    /// The last sequence number.
    pub sequence: u64,
    /// All scopes of everything that changed, and those that something left.
    pub scopes: HashSet<String>,
}

/// A change in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its number.
    pub sequence: u64,
    /// Of which work order.
    pub work_order: WorkOrderId,
    /// Its hash.
    pub hash: ChangeHash,
}

/// A service request as the index knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Which.
    pub request: ServiceRequestId,
    /// The work order that it is an entry of.
    pub work_order: WorkOrderId,
    /// The number that people were given.
    pub tracking_number: Option<String>,
    /// The hash of the secret that opens its tracking page.
    pub secret: Option<Hash>,
    /// How it came in.
    pub source: RequestSource,
    /// The type that the person chose.
    pub service_code: ServiceCode,
    /// When it was made, ms since the Unix epoch.
    pub requested_at: i64,
}

/// Which service requests.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// Only those whose work order is of one of these types now; empty means all.
    pub service_codes: Vec<ServiceCode>,
    /// Only those made at or after, ms since the Unix epoch.
    pub from: Option<i64>,
    /// Only those made at or before, ms since the Unix epoch.
    pub to: Option<i64>,
    /// Only those whose work order is closed, or is not.
    pub closed: Option<bool>,
    /// At most so many.
    pub limit: u32,
}

/// A one-time code to keep.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// The hash of the code; the code itself is kept nowhere.
    pub hash: Hash,
    /// Whom it signs in.
    pub person: UserId,
    /// Ms since the Unix epoch.
    pub created_at: i64,
    /// Ms since the Unix epoch.
    pub expires_at: i64,
}

/// A use of a one-time code.
#[derive(Debug)]
pub struct Redeem<'a> {
    /// The hash of the code.
    pub code: &'a Hash,
    /// The device that signs in.
    pub device: DeviceId,
    /// What the person would call it.
    pub device_name: &'a str,
    /// The hash of its new token.
    pub token: &'a Hash,
    /// Now, ms since the Unix epoch.
    pub now: i64,
    /// For how long the same device may use the code again, ms: the answer may have been lost.
    pub grace: i64,
}

/// A device whose enrollment was lost with the database, and is proved by its signed token.
#[derive(Debug)]
pub struct Adopt<'a> {
    /// The device.
    pub device: DeviceId,
    /// Whose it is.
    pub person: &'a UserId,
    /// The hash of its token.
    pub token: &'a Hash,
    /// When the token was given, ms since the Unix epoch.
    pub issued: i64,
    /// Now, ms since the Unix epoch.
    pub now: i64,
}

/// What came of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// The device now belongs to this person.
    SignedIn(UserId),
    /// No such code.
    Unknown,
    /// It was not used in time.
    Expired,
    /// Another device used it, or this one did too long ago.
    Used,
    /// The device belongs to somebody else.
    DeviceTaken,
}

/// An enrolled device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Which.
    pub device: DeviceId,
    /// Whose.
    pub person: UserId,
    /// When its token was given, ms since the Unix epoch.
    pub enrolled_at: i64,
    /// When it last spoke, ms since the Unix epoch.
    pub last_seen: i64,
}

/// Whose tokens are revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// One device's.
    Device(DeviceId),
    /// Those of all devices of a person, of which a restored database may not know all.
    Person(UserId),
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(id) => write!(f, "device:{id}"),
            Self::Person(id) => write!(f, "person:{id}"),
        }
    }
}

impl std::str::FromStr for Whose {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':') {
            Some(("device", id)) => id.parse().map(Self::Device).map_err(|_| ()),
            Some(("person", id)) => Ok(Self::Person(UserId::from(id))),
            _ => Err(()),
        }
    }
}

/// An enrolled device, for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceListing {
    /// Which.
    pub device: DeviceId,
    /// Whose.
    pub person: UserId,
    /// What the person calls it; empty when it is known by its token only.
    pub name: String,
    /// When it was enrolled, ms since the Unix epoch.
    pub enrolled_at: i64,
    /// When it last spoke, ms since the Unix epoch.
    pub last_seen: i64,
    /// Whether it was signed out since.
    pub revoked: bool,
}

/// A file that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// SHA-256 of its content, lowercase hexadecimal.
    pub sha256: String,
    /// What it is, by its content.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    /// When it arrived, ms since the Unix epoch.
    pub received_at: i64,
}

/// A photo of which there is only the original.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undeveloped {
    /// Whose photo it is.
    pub work_order: WorkOrderId,
    /// The original's SHA-256, lowercase hexadecimal.
    pub original: String,
}
