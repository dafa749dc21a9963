//! The disk itself: names, files, open handles, power. No SQLite in here.
//!
//! Names are durable apart from contents, as in a file system: a deleted file can come back after a loss of power unless
//! its folder was synced, and a new one can be gone unless it was synced itself.

mod files;

use super::DiskError;
use super::faults::{Blow, Call, Faults};
use super::inode::{Fate, Inode, Mood};
use super::locks::Level;
use crate::seed::Dice;
use std::collections::{BTreeMap, BTreeSet};

/// Why a call did not do what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The process that opened this is gone, or the power is off.
    Dead,
    /// No room.
    Full,
    /// The medium answers with an error.
    Broken,
    /// Another connection has the lock.
    Busy,
    /// There is no such file.
    NotFound,
}

/// What a crash did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrashReport {
    /// How it ended.
    pub blow: Blow,
    /// The number of the changing call in which it happened, counted since the disk was made.
    pub at_call: u64,
    /// What became of each unsynced write, by file, in the order of writing.
    pub fates: Vec<(String, Fate)>,
}

#[derive(Debug)]
struct Handle {
    inode: u64,
    level: Level,
}

#[derive(Debug)]
pub(super) struct State {
    inodes: BTreeMap<u64, Inode>,
    live: BTreeMap<String, u64>,
    durable: BTreeMap<String, u64>,
    handles: BTreeMap<u64, Handle>,
    /// Handles of dead processes that nobody has closed yet.
    stale: usize,
    down: bool,
    calls: u64,
    next_id: u64,
    dice: Dice,
    pub(super) faults: Faults,
    pub(super) last_crash: Option<CrashReport>,
}

type Done<T> = Result<T, Refusal>;

impl State {
    pub(super) fn new(dice: Dice) -> Self {
        Self {
            inodes: BTreeMap::new(),
            live: BTreeMap::new(),
            durable: BTreeMap::new(),
            handles: BTreeMap::new(),
            stale: 0,
            down: false,
            calls: 0,
            next_id: 0,
            dice,
            faults: Faults::default(),
            last_crash: None,
        }
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls
    }

    pub(super) fn is_down(&self) -> bool {
        self.down
    }

    pub(super) fn used(&self) -> usize {
        self.live.values().filter_map(|inode| self.inodes.get(inode)).map(Inode::len).sum()
    }

    fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Counts a call that changes the disk, and crashes in it when that is armed.
    fn step(&mut self) -> Done<()> {
        self.calls += 1;
        match self.faults.due(self.calls) {
            Some(blow) => {
                self.crash(blow);
                Err(Refusal::Dead)
            }
            None => Ok(()),
        }
    }

    /// Every handle dies, every lock is gone, and nothing can be opened until the restart.
    pub(super) fn crash(&mut self, blow: Blow) {
        self.stale += self.handles.len();
        self.handles.clear();
        self.faults.disarm_crash();
        self.down = true;
        let fates = match blow {
            Blow::Kill => Vec::new(),
            Blow::Power => self.lose_power(),
        };
        self.collect();
        self.last_crash = Some(CrashReport { blow, at_call: self.calls, fates });
    }

    fn lose_power(&mut self) -> Vec<(String, Fate)> {
        let mood = Mood::draw(&mut self.dice);
        let names: BTreeSet<String> = self.live.keys().chain(self.durable.keys()).cloned().collect();
        for name in names {
            let (now, before) = (self.live.get(&name).copied(), self.durable.get(&name).copied());
            let kept = if now == before || mood.keeps(&mut self.dice) { now } else { before };
            for folder in [&mut self.live, &mut self.durable] {
                match kept {
                    Some(inode) => folder.insert(name.clone(), inode),
                    None => folder.remove(&name),
                };
            }
        }
        let mut fates = Vec::new();
        for (name, inode) in &self.live {
            if let Some(inode) = self.inodes.get_mut(inode) {
                inode.lose_power(mood, &mut self.dice, |fate| fates.push((name.clone(), fate)));
            }
        }
        fates
    }

    /// Forgets files that have neither a name nor a handle.
    fn collect(&mut self) {
        let handles = self.handles.values().map(|handle| handle.inode);
        let used: BTreeSet<u64> = self.live.values().chain(self.durable.values()).copied().chain(handles).collect();
        self.inodes.retain(|id, _| used.contains(id));
    }

    pub(super) fn restart(&mut self) -> Result<(), DiskError> {
        self.all_closed()?;
        self.down = false;
        Ok(())
    }

    fn all_closed(&self) -> Result<(), DiskError> {
        match self.handles.len() + self.stale {
            0 => Ok(()),
            open => Err(DiskError::StillOpen(open)),
        }
    }

    pub(super) fn durable_files(&self) -> BTreeMap<String, Vec<u8>> {
        let content = |inode| self.inodes.get(inode).map(|inode| inode.durable().to_vec()).unwrap_or_default();
        self.durable.iter().map(|(name, inode)| (name.clone(), content(inode))).collect()
    }

    pub(super) fn replace_files(&mut self, files: &BTreeMap<String, Vec<u8>>) -> Result<(), DiskError> {
        self.all_closed()?;
        self.live.clear();
        for (name, content) in files {
            let id = self.next_id();
            self.inodes.insert(id, Inode::durable_from(content.clone()));
            self.live.insert(name.clone(), id);
        }
        self.durable.clone_from(&self.live);
        self.collect();
        Ok(())
    }

    pub(super) fn open(&mut self, name: &str, create: bool) -> Done<u64> {
        if self.down {
            return Err(Refusal::Dead);
        }
        let inode = match self.live.get(name) {
            Some(inode) => *inode,
            None if !create => return Err(Refusal::NotFound),
            None if self.faults.fails(Call::Create) => return Err(Refusal::Broken),
            None => {
                let inode = self.next_id();
                self.inodes.insert(inode, Inode::default());
                self.live.insert(name.to_owned(), inode);
                self.step()?;
                inode
            }
        };
        let handle = self.next_id();
        self.handles.insert(handle, Handle { inode, level: Level::None });
        Ok(handle)
    }

    pub(super) fn close(&mut self, handle: u64) {
        if self.handles.remove(&handle).is_some() {
            self.collect();
        } else {
            self.stale = self.stale.saturating_sub(1);
        }
    }

    pub(super) fn delete(&mut self, name: &str, sync_folder: bool) -> Done<()> {
        if self.down {
            return Err(Refusal::Dead);
        }
        if !self.live.contains_key(name) {
            return Err(Refusal::NotFound);
        }
        if self.faults.fails(Call::Delete) {
            return Err(Refusal::Broken);
        }
        self.live.remove(name);
        self.step()?;
        if sync_folder {
            self.durable.remove(name);
        }
        self.collect();
        Ok(())
    }

    /// The size of the file with this name, if there is one.
    pub(super) fn size_of(&self, name: &str) -> Done<Option<usize>> {
        if self.down {
            return Err(Refusal::Dead);
        }
        Ok(self.live.get(name).and_then(|inode| self.inodes.get(inode)).map(Inode::len))
    }
}
