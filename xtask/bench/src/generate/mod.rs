//! Work orders that look like a city's, the same for the same seed.
//!
//! They are made by [`apply`], as phones and the server make them, so their changes pass the server's judge. Each work
//! order has a row of dice of its own: the millionth can be made without the others.
//!
//! - [`people`]: who acts, on which device; [`request`]: what is filed; [`life`]: what happens to it, about ten changes
//! - [`day`]: what a phone that was away a day missed, and what was done on it
//! - [`flat`]: the same as plain JSON, for databases without history; [`stamp`]: copies, quickly made

pub mod day;
pub mod flat;
pub mod life;
pub mod people;
pub mod request;
pub mod stamp;

use crate::dice::Dice;
use crate::fit::Fit;
use anyhow::{Context, Result};
use automerge::Change;
use coldpatch_shared::action::{Action, Deed, apply};
use coldpatch_shared::city::{City, demo_files};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, CrewId, DeviceId, WorkOrderId};
use coldpatch_shared::order::{OrderDoc, Stamp, WorkOrder};
use people::Person;
use uuid::Uuid;

/// The first instant of the generated year, ms since the Unix epoch: 2026-01-01T00:00:00Z.
pub const YEAR: i64 = 1_767_225_600_000;
/// On how many days of it something is filed.
pub const DAYS: usize = 300;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// What all generated work orders share.
#[derive(Debug)]
pub struct World {
    /// Another seed, another city's work.
    pub seed: u64,
    /// What real exports look like.
    pub fit: Fit,
    /// The demo city, whose service types, checklists and materials are used.
    pub city: City,
    /// South-west and north-east corner of the city.
    pub(crate) corners: (LatLon, LatLon),
}

/// One change of a generated work order.
#[derive(Debug, Clone)]
pub struct Made {
    /// What was done.
    pub deed: Deed,
    /// The device that it was made on; the server's own have none.
    pub device: Option<DeviceId>,
    /// When, ms since the Unix epoch.
    pub at: i64,
    /// The change.
    pub change: Change,
}

/// A work order in the making: the document and how it came about.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its id.
    pub id: WorkOrderId,
    /// The document.
    pub doc: OrderDoc,
    /// Its changes, in the order in which they were made.
    pub changes: Vec<Made>,
    number: u64,
    /// How many tracking numbers it has been given.
    tracked: u64,
    dice: Dice,
}

/// What happens to an order that was created then and is this crew's.
type Life = fn(&World, &mut Order, i64, &CrewId) -> Result<()>;

impl World {
    /// The world of this seed.
    ///
    /// # Errors
    /// When the figures or the demo city in the repository are damaged.
    pub fn new(seed: u64) -> Result<Self> {
        let city = City::parse(&demo_files())?;
        let points = city.streets.iter().flat_map(|street| street.segments()).map(|(from, _)| from);
        let (mut low, mut high) = (city.center, city.center);
        for point in points {
            low = LatLon { lat: low.lat.min(point.lat), lon: low.lon.min(point.lon) };
            high = LatLon { lat: high.lat.max(point.lat), lon: high.lon.max(point.lon) };
        }
        Ok(Self { seed, fit: Fit::committed()?, city, corners: (low, high) })
    }

    /// The work order of this number, given to this crew.
    ///
    /// # Errors
    /// When an action does not fit the document, which would be a mistake here.
    pub fn order(&self, number: u64, crew: &CrewId) -> Result<Order> {
        let mut dice = Dice::new(self.seed, number);
        let day = i64::try_from(dice.below(DAYS)).unwrap_or(0);
        self.order_of(number, crew, day, dice, life::live)
    }

    /// The same, filed on a given day of [`DAYS`].
    ///
    /// # Errors
    /// As [`World::order`].
    pub fn order_on(&self, number: u64, crew: &CrewId, day: i64) -> Result<Order> {
        self.order_of(number, crew, day, Dice::new(self.seed, number), life::live)
    }

    /// The same with a short life, of five changes: a million of those fit on a disk.
    ///
    /// # Errors
    /// As [`World::order`].
    pub fn short_order_on(&self, number: u64, crew: &CrewId, day: i64) -> Result<Order> {
        self.order_of(number, crew, day, Dice::new(self.seed, number), life::pass)
    }

    fn order_of(&self, number: u64, crew: &CrewId, day: i64, mut dice: Dice, life: Life) -> Result<Order> {
        let created = YEAR + day * DAY + self.time_of_day(&mut dice);
        let id = WorkOrderId(uuid_v7(created, &mut dice));
        let doc = OrderDoc::empty(&[0; 24]);
        let mut order = Order { id, doc, changes: Vec::new(), number, tracked: 0, dice };
        life(self, &mut order, created, crew)?;
        Ok(order)
    }

    fn time_of_day(&self, dice: &mut Dice) -> i64 {
        let hour = *one_of(&self.fit.hours, dice).unwrap_or(&12);
        i64::from(hour) * HOUR + i64::try_from(dice.below(60)).unwrap_or(0) * MINUTE
    }
}

impl Order {
    /// Somebody does something.
    ///
    /// # Errors
    /// When the action does not fit the document.
    pub fn does(&mut self, who: &Person, at: i64, action: Action) -> Result<Made> {
        let id = ActionId(uuid_v7(at, &mut self.dice));
        // A phone's clock is off by some seconds, and knows it.
        let off = i64::try_from(who.device.0.as_u128() % 9_000).unwrap_or(0) - 4_500;
        let (offset_ms, offset_age_s) = match who.is_server() {
            true => (None, None),
            false => (Some(off), Some(i64::try_from(self.dice.below(30_000)).unwrap_or(0))),
        };
        let stamp = Stamp {
            by: who.user.clone(),
            role: who.role,
            crew: who.crew.clone(),
            at: if who.is_server() { at } else { at - off },
            offset_ms,
            offset_age_s,
        };
        let deed = Deed { id, work_order: self.id, stamp, action };
        self.doc.set_actor(&who.actor(at));
        let change = apply(&mut self.doc, &deed, self.id)?.context("the action was done before")?;
        let made = Made { deed, device: (!who.is_server()).then_some(who.device), at, change };
        self.changes.push(made.clone());
        Ok(made)
    }

    /// As people see it.
    ///
    /// # Errors
    /// When the document is not a work order, which would be a mistake here.
    pub fn view(&self) -> Result<WorkOrder> {
        WorkOrder::derive(self.id, &self.doc.facts()).context("the generated document is not a work order")
    }
}

/// One of the counted, each as often as it was counted.
pub(crate) fn one_of<'a, T>(counts: &'a [(T, u32)], dice: &mut Dice) -> Option<&'a T> {
    let total: u32 = counts.iter().map(|(_, count)| count).sum();
    let mut place = u32::try_from(dice.below(usize::try_from(total).unwrap_or(0))).unwrap_or(0);
    for (value, count) in counts {
        if place < *count {
            return Some(value);
        }
        place -= count;
    }
    None
}

/// The `nth` tracking number of a work order: nobody else's, and as long as any other.
pub(crate) fn tracking_number(number: u64, nth: u64) -> String {
    format!("26-{:07}", 1_000_000 + 2 * number + nth)
}

/// Version 7: 48 bits of milliseconds, then chance.
pub(crate) fn uuid_v7(at: i64, dice: &mut Dice) -> Uuid {
    let mut bytes = dice.bytes();
    bytes[..6].copy_from_slice(&at.to_be_bytes()[2..]);
    bytes[6] = 0x70 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests;
