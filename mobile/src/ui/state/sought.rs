//! What is looked for on Today: it stays while a job is opened and left again.

use crate::engine::api::{DayFilter, DayGroup};
use coldpatch_shared::city::Priority;
use coldpatch_shared::ids::{CrewId, ServiceCode};

/// What Today is narrowed to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sought {
    /// As typed.
    pub text: String,
    /// Only these parts of the day; empty means all.
    pub groups: Vec<DayGroup>,
    /// Only these types; empty means all.
    pub kinds: Vec<ServiceCode>,
    /// Only these; empty means all.
    pub priorities: Vec<Priority>,
    /// Only what is late.
    pub late: bool,
    /// Not only my crew's.
    pub everybody: bool,
    /// Whether the filters are open.
    pub open: bool,
    /// Whether the day is shown as a map.
    pub map: bool,
}

impl Sought {
    /// How many filters are set, words not counted.
    #[must_use]
    pub fn filters(&self) -> usize {
        self.groups.len()
            + self.kinds.len()
            + self.priorities.len()
            + usize::from(self.late)
            + usize::from(self.everybody)
    }

    /// Whether there are words.
    #[must_use]
    pub fn by_words(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// Whether this part of the day is shown.
    #[must_use]
    pub fn shows(&self, group: DayGroup) -> bool {
        self.groups.is_empty() || self.groups.contains(&group)
    }

    /// Takes every filter away; the words stay.
    pub fn clear(&mut self) {
        *self = Self { text: std::mem::take(&mut self.text), open: self.open, map: self.map, ..Self::default() };
    }

    /// Whether less than the whole day is shown.
    #[must_use]
    pub fn narrows(&self) -> bool {
        self.by_words() || self.filters() > 0
    }

    /// What the engine is asked about the day of `crew`.
    #[must_use]
    pub fn filter(&self, crew: Option<CrewId>, today_ends: i64) -> DayFilter {
        DayFilter {
            crew: crew.filter(|_| !self.everybody),
            today_ends,
            text: self.text.clone(),
            kinds: self.kinds.clone(),
            priorities: self.priorities.clone(),
            late: self.late,
        }
    }
}

/// Puts one in, or takes it out.
pub fn toggle<T: PartialEq>(all: &mut Vec<T>, one: T) {
    match all.iter().position(|known| *known == one) {
        Some(at) => drop(all.remove(at)),
        None => all.push(one),
    }
}
