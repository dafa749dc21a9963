//! Identifiers: one newtype per kind of thing, so that a crew's id is never passed where a district's belongs.
//!
//! Things that people create on phones carry a UUIDv7 made by the caller (this crate has no clock and no
//! randomness). Things that a city names in its own files (crews, districts, service codes) carry the city's text.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as the city's files spell it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

uuid_id!(
    /// One work order: one Automerge document.
    WorkOrderId
);
uuid_id!(
    /// One thing that a person did, made on the device that did it; the key of idempotence everywhere.
    ActionId
);
uuid_id!(
    /// One service request (Open311's word), an entry in a work order's `requests`.
    ServiceRequestId
);
uuid_id!(
    /// One enrolled device and browser profile; the first 16 bytes of every actor id that it uses.
    DeviceId
);

text_id!(
    /// A service type's code in the catalog and in Open311 (`pothole`).
    ServiceCode
);
text_id!(
    /// A department of the city (`streets`).
    DepartmentId
);
text_id!(
    /// A crew (`crew-4`).
    CrewId
);
text_id!(
    /// A district of the city (`north`).
    DistrictId
);
text_id!(
    /// A person who works for the city (`ana-ruiz`), or `resident`, `server`, `import:nyc311`.
    UserId
);
text_id!(
    /// An entry in a work order: `<action id>:<n>`, the n-th entry that the action made.
    EntryId
);

impl EntryId {
    /// The id of the `n`-th entry that `action` makes; deriving it makes replaying an action idempotent.
    #[must_use]
    pub fn nth(action: ActionId, n: usize) -> Self {
        Self(format!("{action}:{n}"))
    }
}
