//! What SQLite calls: a VFS that passes each call on to the disk that the path names.
//!
//! The only unsafe code, with `file`, the calls on an open file. Randomness and time are the same in every run: the disk may not be the part of a
//! world that does not repeat. Connections have no shared memory, so WAL is not offered (SQLite then keeps the journal
//! mode that it has).

#![allow(unsafe_code)]

mod file;

use super::state::Refusal;
use super::{find, locked};
use file::{Content, File, METHODS, code, size};
use rusqlite::ffi::{self, sqlite3_file, sqlite3_vfs};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::sync::OnceLock;

/// The name to give to `Connection::open_with_flags_and_vfs`, or to `?vfs=` in a URI.
pub const VFS_NAME: &str = "coldpatch-sim";
const VFS_NAME_C: &CStr = c"coldpatch-sim";
/// Noon of 2026-01-01 as a Julian day: what SQL's own clock shows always.
const JULIAN_DAY: f64 = 2_461_042.0;
const LONGEST_PATH: c_int = 512;

/// Registers the VFS, once in a process. The error is SQLite's code.
pub(super) fn register() -> Result<(), i32> {
    static CODE: OnceLock<c_int> = OnceLock::new();
    let code = *CODE.get_or_init(|| {
        let vfs = Box::leak(Box::new(sqlite3_vfs {
            iVersion: 1,
            szOsFile: c_int::try_from(size_of::<File>()).unwrap_or(c_int::MAX),
            mxPathname: LONGEST_PATH,
            pNext: ptr::null_mut(),
            zName: VFS_NAME_C.as_ptr(),
            pAppData: ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: None,
            xCurrentTimeInt64: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        }));
        // SAFETY: `vfs` and its name live as long as the process, and SQLite copies neither.
        unsafe { ffi::sqlite3_vfs_register(vfs, 0) }
    });
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(code) }
}

/// Seeds SQLite's own generator (journal checksums, `random()`), which is one for the whole process.
pub fn pin_sqlite_dice(seed: u32) {
    let none: *mut ffi::sqlite3 = ptr::null_mut();
    // Zero would mean "take randomness from the system".
    let seed = c_int::from_ne_bytes(seed.max(1).to_ne_bytes());
    // SAFETY: this operation takes an int and a connection or null, and SQLite guards its generator with a mutex.
    unsafe { ffi::sqlite3_test_control(ffi::SQLITE_TESTCTRL_PRNG_SEED, seed, none) };
}

/// # Safety
/// `text` is null or ends with a zero byte and outlives `'a`.
unsafe fn path<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` writable bytes; without methods it does not close what was not opened.
    unsafe { (*file).pMethods = ptr::null() };
    let opened = if name.is_null() {
        Content::Temporary(Vec::new())
    } else {
        // SAFETY: SQLite's names end with zero and live as long as the file.
        let Some((disk, name)) = unsafe { path(name) }.and_then(find) else { return ffi::SQLITE_CANTOPEN };
        let handle = match locked(&disk).open(name, flags & ffi::SQLITE_OPEN_CREATE != 0) {
            Ok(handle) => handle,
            Err(Refusal::NotFound) => return ffi::SQLITE_CANTOPEN,
            Err(_) => return ffi::SQLITE_IOERR,
        };
        Content::OnDisk { disk, handle }
    };
    // SAFETY: as above; `flags_out` may be null.
    unsafe {
        (*file.cast::<File>()).content = Box::into_raw(Box::new(opened));
        (*file).pMethods = &raw const METHODS;
        if !flags_out.is_null() {
            *flags_out = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: SQLite's names end with zero.
    let Some((disk, name)) = unsafe { path(name) }.and_then(find) else { return ffi::SQLITE_IOERR_DELETE };
    match locked(&disk).delete(name, sync_folder != 0) {
        Err(Refusal::NotFound) => ffi::SQLITE_IOERR_DELETE_NOENT,
        done => code(done, ffi::SQLITE_IOERR_DELETE),
    }
}

unsafe extern "C" fn access(_: *mut sqlite3_vfs, name: *const c_char, asked: c_int, out: *mut c_int) -> c_int {
    // SAFETY: SQLite's names end with zero.
    let Some((disk, name)) = unsafe { path(name) }.and_then(find) else { return ffi::SQLITE_IOERR_ACCESS };
    let done = locked(&disk).size_of(name).map(|size| {
        // An empty file does not "exist": so SQLite for Unix skips the empty journals that journal_mode=truncate leaves.
        let there = size.is_some_and(|size| size > 0 || asked != ffi::SQLITE_ACCESS_EXISTS);
        // SAFETY: SQLite gives a place for the answer.
        unsafe { *out = c_int::from(there) };
    });
    code(done, ffi::SQLITE_IOERR_ACCESS)
}

unsafe extern "C" fn full_pathname(_: *mut sqlite3_vfs, name: *const c_char, room: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite's names end with zero.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if name.len() > size(room) {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: there is room, which SQLite allocated and nobody else knows yet.
    unsafe { ptr::copy_nonoverlapping(name.as_ptr().cast(), out, name.len()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_: *mut sqlite3_vfs, amount: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite gives `amount` writable bytes.
    unsafe { ptr::write_bytes(out, 0x5a, size(amount)) };
    amount
}

/// A busy connection has nobody to wait for in one thread; SQLite counts what it asked for, so it gives up in no time.
unsafe extern "C" fn sleep(_: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    microseconds
}

unsafe extern "C" fn current_time(_: *mut sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite gives a place for the answer.
    unsafe { *out = JULIAN_DAY };
    ffi::SQLITE_OK
}
