//! Fills a server's storage with work orders, with all cores.

use super::CREWS;
use crate::generate::stamp::Template;
use crate::generate::{DAYS, Order, World};
use crate::ours::stock::{self, Received};
use crate::ours::{crowd, town};
use anyhow::{Context, Result};
use coldpatch_server::app::App;
use coldpatch_server::clock;
use coldpatch_server::storage::sqlite::{Access, Journal, Opening};
use coldpatch_server::storage::{OrderWrite, Sqlite};
use coldpatch_shared::ids::CrewId;
use rusqlite::{Connection as Database, OpenFlags};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

/// All their work orders.
const HELD: u64 = (CREWS * crowd::EACH) as u64;
/// Made by one core at a time; neighbors, and so of the same days.
const AT_ONCE: u64 = 2_000;
/// So many of those in one transaction: hashes lie anywhere in their index, so that many at once write fewer of its pages.
const BATCHES: usize = 10;
/// How many of each size's work orders are lived through at least, beside those that are measured.
const KINDS: u64 = 3_000;
/// What the database may keep in memory while it is filled, in KiB, and how long its log may grow, in pages: else it
/// writes the same pages again and again.
const FILLING: [(&str, i64); 2] = [("cache_size", -400_000), ("wal_autocheckpoint", 250_000)];
/// Of the crews that have all other work orders.
const OTHERS: std::ops::Range<u64> = 30..200;

/// Work orders that are made together.
pub(super) struct Segment<'a> {
    pub(super) world: &'a World,
    pub(super) from: u64,
    pub(super) to: u64,
    /// The first of the crews that are measured.
    pub(super) crews: usize,
}

impl Segment<'_> {
    /// Of which of the measured crews it is.
    fn measured(&self, number: u64) -> Option<usize> {
        let (place, step) = (number - self.from, (self.to - self.from) / HELD);
        let held = place.is_multiple_of(step).then_some(place / step).filter(|held| *held < HELD)?;
        Some(usize::try_from(held).ok()? % CREWS)
    }

    fn order(&self, number: u64) -> Result<Order> {
        // As they come in: day by day.
        let day = i64::try_from((number - self.from) * u64::try_from(DAYS)? / (self.to - self.from))?;
        let Some(crew) = self.measured(number) else {
            let crew = usize::try_from(OTHERS.start + number % (OTHERS.end - OTHERS.start))?;
            return self.world.short_order_on(number, &town::crew(crew), day);
        };
        self.world.order_on(number, &town::crew(self.crews + crew), day)
    }

    /// The measured crews with their work orders.
    pub(super) fn held(&self) -> Result<Vec<(CrewId, Vec<Order>)>> {
        let mut crews: Vec<_> = (0..CREWS).map(|crew| (town::crew(self.crews + crew), Vec::new())).collect();
        for number in self.from..self.to {
            if let Some((_, orders)) = self.measured(number).and_then(|crew| crews.get_mut(crew)) {
                orders.push(self.order(number)?);
            }
        }
        Ok(crews)
    }

    /// All cores make, one writes, in the order of the numbers.
    pub(super) fn fill(&self, app: &App, data: &Path) -> Result<()> {
        let storage = filling(data)?;
        let now = clock::now();
        let makers = std::thread::available_parallelism()?.get() as u64;
        let batches = (self.to - self.from).div_ceil(AT_ONCE);
        std::thread::scope(|scope| {
            let mut made: Vec<Receiver<Result<Vec<OrderWrite>>>> = Vec::new();
            for maker in 0..makers {
                let (send, receive) = sync_channel(1);
                made.push(receive);
                scope.spawn(move || {
                    for batch in (maker..batches).step_by(usize::try_from(makers).unwrap_or(1)) {
                        // Nobody listens any more after an error.
                        if send.send(self.batch(app, batch, now)).is_err() {
                            return;
                        }
                    }
                });
            }
            let mut ready = Vec::new();
            let batches = usize::try_from(batches)?;
            for (batch, maker) in (0..made.len()).cycle().take(batches).enumerate() {
                ready.extend(made[maker].recv().context("a maker ended")??);
                if (batch + 1).is_multiple_of(BATCHES) || batch + 1 == batches {
                    stock::commit(&storage, std::mem::take(&mut ready), now)?;
                }
            }
            Ok(())
        })
    }

    fn batch(&self, app: &App, batch: u64, now: i64) -> Result<Vec<OrderWrite>> {
        let first = self.from + batch * AT_ONCE;
        let numbers = first..self.to.min(first + AT_ONCE);
        let kinds = (KINDS * AT_ONCE).div_ceil(self.to - self.from);
        let mut templates: Vec<Template> = Vec::new();
        let mut made = Vec::new();
        for number in numbers {
            let received = if self.measured(number).is_some() { Received::Now } else { Received::Then };
            if received == Received::Then && templates.len() as u64 == kinds {
                let template = templates.get(usize::try_from(number % kinds)?).context("no template")?;
                made.push(template.copy(self.world, number)?);
                continue;
            }
            let order = self.order(number)?;
            let write = stock::write(&app.city, &order, &order.changes, 0, received, now)?;
            if received == Received::Then {
                templates.push(Template::new(write.clone())?);
            }
            made.push(write);
        }
        Ok(made)
    }
}

/// The server's database, set for writing much.
fn filling(data: &Path) -> Result<Sqlite> {
    let file = data.join("coldpatch.sqlite3");
    let opening = Opening::with(Journal::Wal, false, move |access| {
        let flags = match access {
            Access::Write => OpenFlags::default(),
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        };
        let database = Database::open_with_flags(&file, flags)?;
        for (name, value) in FILLING {
            database.pragma_update(None, name, value)?;
        }
        Ok(database)
    });
    // It is there, and has an epoch.
    Ok(Sqlite::open_with(opening, uuid::Uuid::nil())?)
}
