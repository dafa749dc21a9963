//! The calls on open files: reading, writing, syncing, locking.

use super::super::faults::Call;
use super::super::inode::Inode;
use super::super::locks::{self, Level};
use super::{Done, Handle, Refusal, State};

impl State {
    fn inode(&self, handle: u64) -> Done<&Inode> {
        self.handles.get(&handle).and_then(|handle| self.inodes.get(&handle.inode)).ok_or(Refusal::Dead)
    }

    fn inode_mut(&mut self, handle: u64) -> Done<&mut Inode> {
        self.handles.get(&handle).and_then(|handle| self.inodes.get_mut(&handle.inode)).ok_or(Refusal::Dead)
    }

    pub(in crate::disk) fn size(&self, handle: u64) -> Done<usize> {
        Ok(self.inode(handle)?.len())
    }

    pub(in crate::disk) fn read(&mut self, handle: u64, offset: usize, into: &mut [u8]) -> Done<usize> {
        self.inode(handle)?;
        if self.faults.fails(Call::Read) {
            return Err(Refusal::Broken);
        }
        Ok(self.inode(handle)?.read(offset, into))
    }

    /// A write that does not fit writes what fits, as file systems do.
    pub(in crate::disk) fn write(&mut self, handle: u64, offset: usize, data: &[u8]) -> Done<()> {
        let size = self.size(handle)?;
        if self.faults.fails(Call::Write) {
            return Err(Refusal::Broken);
        }
        let growth = (offset + data.len()).saturating_sub(size);
        let short = growth - self.faults.room(self.used(), growth);
        let fits = data.get(..data.len().saturating_sub(short)).unwrap_or_default();
        self.inode_mut(handle)?.write(offset, fits);
        self.step()?;
        if short > 0 { Err(Refusal::Full) } else { Ok(()) }
    }

    pub(in crate::disk) fn resize(&mut self, handle: u64, size: usize) -> Done<()> {
        let growth = size.saturating_sub(self.size(handle)?);
        if self.faults.fails(Call::Resize) {
            return Err(Refusal::Broken);
        }
        if self.faults.room(self.used(), growth) < growth {
            return Err(Refusal::Full);
        }
        self.inode_mut(handle)?.resize(size);
        self.step()
    }

    pub(in crate::disk) fn sync(&mut self, handle: u64) -> Done<()> {
        self.inode(handle)?;
        if self.faults.fails(Call::Sync) {
            return Err(Refusal::Broken);
        }
        self.step()?;
        self.inode_mut(handle)?.sync();
        let inode = self.handles.get(&handle).map(|handle| handle.inode);
        if let Some((name, inode)) = self.live.iter().find(|(_, named)| Some(**named) == inode) {
            self.durable.insert(name.clone(), *inode);
        }
        Ok(())
    }

    pub(in crate::disk) fn lock(&mut self, handle: u64, wanted: Level) -> Done<()> {
        let Handle { inode, level } = self.handles.get(&handle).ok_or(Refusal::Dead)?;
        let others = self.handles.iter().filter(|(id, other)| **id != handle && other.inode == *inode);
        let highest = others.map(|(_, other)| other.level).max().unwrap_or(Level::None);
        let (now, granted) = locks::ask(*level, highest, wanted);
        if let Some(handle) = self.handles.get_mut(&handle) {
            handle.level = now;
        }
        if granted { Ok(()) } else { Err(Refusal::Busy) }
    }

    /// A dead handle has no lock, so it can be unlocked as often as one likes.
    pub(in crate::disk) fn unlock(&mut self, handle: u64, to: Level) {
        if let Some(handle) = self.handles.get_mut(&handle) {
            handle.level = handle.level.min(to);
        }
    }

    pub(in crate::disk) fn is_reserved(&self, handle: u64) -> Done<bool> {
        let inode = self.handles.get(&handle).ok_or(Refusal::Dead)?.inode;
        Ok(self.handles.values().any(|handle| handle.inode == inode && handle.level >= Level::Reserved))
    }
}
