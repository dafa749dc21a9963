//! The calls on an open file.

use super::super::locks::Level;
use super::super::state::{Refusal, State};
use super::super::{Shared, locked};
use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods};
use std::ffi::{c_int, c_void};
use std::{ptr, slice};

/// An open file, in memory that SQLite allocates and frees; SQLite knows only its beginning.
#[repr(C)]
pub(super) struct File {
    pub(super) base: sqlite3_file,
    pub(super) content: *mut Content,
}

pub(super) enum Content {
    OnDisk {
        disk: Shared,
        handle: u64,
    },
    /// A temporary file without a name: no disk, no faults, gone when closed.
    Temporary(Vec<u8>),
}

pub(super) static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// SQLite's code for what a disk refused, where `broken` is the code of this kind of call.
pub(super) fn code(done: Result<(), Refusal>, broken: c_int) -> c_int {
    match done {
        Ok(()) => ffi::SQLITE_OK,
        Err(Refusal::Full) => ffi::SQLITE_FULL,
        Err(Refusal::Busy) => ffi::SQLITE_BUSY,
        Err(Refusal::Dead | Refusal::Broken | Refusal::NotFound) => broken,
    }
}

/// # Safety
/// `file` was opened by [`open`], is not closed, and nothing else uses its content during `'a`.
unsafe fn content<'a>(file: *mut sqlite3_file) -> &'a mut Content {
    // SAFETY: `open` put a leaked box there, which only `close` takes back; SQLite makes one call per file at a time.
    unsafe { &mut *(*file.cast::<File>()).content }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the box that `open` leaked, taken back once: without methods SQLite makes no more calls.
    let content = unsafe {
        (*file).pMethods = ptr::null();
        Box::from_raw((*file.cast::<File>()).content)
    };
    if let Content::OnDisk { disk, handle } = *content {
        locked(&disk).close(handle);
    }
    ffi::SQLITE_OK
}

/// Runs `on_disk` for a file with a name and `temporary` for one without.
///
/// # Safety
/// As [`content`].
unsafe fn with<T>(
    file: *mut sqlite3_file,
    on_disk: impl FnOnce(&mut State, u64) -> T,
    temporary: impl FnOnce(&mut Vec<u8>) -> T,
) -> T {
    // SAFETY: the caller's promise.
    match unsafe { content(file) } {
        Content::OnDisk { disk, handle } => on_disk(&mut locked(disk), *handle),
        Content::Temporary(bytes) => temporary(bytes),
    }
}

/// A size or an offset, which SQLite never makes negative.
pub(super) fn size(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(0)
}

unsafe extern "C" fn read(file: *mut sqlite3_file, into: *mut c_void, amount: c_int, offset: i64) -> c_int {
    let (offset, wanted) = (size(offset), size(amount));
    // SAFETY: SQLite gives `amount` writable bytes; beyond the file's end it wants zeros.
    let into = unsafe {
        ptr::write_bytes(into.cast::<u8>(), 0, wanted);
        slice::from_raw_parts_mut(into.cast::<u8>(), wanted)
    };
    // SAFETY: SQLite calls with an open file.
    let done = match unsafe { content(file) } {
        Content::OnDisk { disk, handle } => locked(disk).read(*handle, offset, into),
        Content::Temporary(bytes) => {
            let there = bytes.get(offset..).unwrap_or_default();
            into.iter_mut().zip(there).for_each(|(to, from)| *to = *from);
            Ok(there.len().min(wanted))
        }
    };
    match done {
        Ok(count) if count < wanted => ffi::SQLITE_IOERR_SHORT_READ,
        done => code(done.map(|_| ()), ffi::SQLITE_IOERR_READ),
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, amount: c_int, offset: i64) -> c_int {
    let offset = size(offset);
    // SAFETY: SQLite gives `amount` bytes.
    let from = unsafe { slice::from_raw_parts(from.cast::<u8>(), size(amount)) };
    // SAFETY: SQLite calls with an open file.
    let done = unsafe {
        with(
            file,
            |disk, handle| disk.write(handle, offset, from),
            |bytes| {
                bytes.resize(bytes.len().max(offset + from.len()), 0);
                bytes.iter_mut().skip(offset).zip(from).for_each(|(to, from)| *to = *from);
                Ok(())
            },
        )
    };
    code(done, ffi::SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, to: i64) -> c_int {
    let to = size(to);
    // SAFETY: SQLite calls with an open file.
    let done = unsafe {
        with(
            file,
            |disk, handle| disk.resize(handle, to),
            |bytes| {
                bytes.resize(to, 0);
                Ok(())
            },
        )
    };
    code(done, ffi::SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file.
    let done = unsafe { with(file, |disk, handle| disk.sync(handle), |_| Ok(())) };
    code(done, ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: SQLite calls with an open file.
    let done = unsafe { with(file, |disk, handle| disk.size(handle), |bytes| Ok(bytes.len())) };
    let done = done.map(|size| {
        // SAFETY: SQLite gives a place for the answer.
        unsafe { *out = i64::try_from(size).unwrap_or(i64::MAX) };
    });
    code(done, ffi::SQLITE_IOERR_FSTAT)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file.
    let done = unsafe { with(file, |disk, handle| disk.lock(handle, Level::from_number(level)), |_| Ok(())) };
    code(done, ffi::SQLITE_IOERR_LOCK)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file.
    unsafe { with(file, |disk, handle| disk.unlock(handle, Level::from_number(level)), |_| ()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite calls with an open file.
    let done = unsafe { with(file, |disk, handle| disk.is_reserved(handle), |_| Ok(false)) };
    let done = done.map(|reserved| {
        // SAFETY: SQLite gives a place for the answer.
        unsafe { *out = c_int::from(reserved) };
    });
    code(done, ffi::SQLITE_IOERR_CHECKRESERVEDLOCK)
}

unsafe extern "C" fn file_control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

/// As SQLite's own VFS for Unix says by default.
unsafe extern "C" fn sector_size(_: *mut sqlite3_file) -> c_int {
    4096
}

/// As SQLite's own VFS for Unix says by default: a write harms no byte beside it.
unsafe extern "C" fn device_characteristics(_: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}
