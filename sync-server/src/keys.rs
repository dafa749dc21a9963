//! The server's secret key, and what it signs: cursors, receipts, tokens.
//!
//! It is a file of its own beside the database, so that what it signed still counts when the database was lost and came
//! back from a backup.

use crate::entropy::{Entropy, EntropyError};
use coldpatch_shared::sync::receipt;
use coldpatch_shared::sync::wire::{Cursor, KeptReceipt, Receipt};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// The length of a MAC, in bytes: half of HMAC-SHA-256.
const MAC: usize = 16;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It holds something else.
    #[error(
        "it does not hold 32 bytes; restore it from its backup, or, when it is lost, move it away and start once with --new-key"
    )]
    Damaged,
    /// No randomness for a new one.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// What a MAC is for, so that one never passes for another.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// A phone's place in the log.
    Cursor,
    /// The word that the server had something.
    Receipt,
    /// An enrollment.
    Token,
    /// What tells this key from another one.
    Fingerprint,
}

/// The key.
#[derive(Clone)]
pub struct Keys {
    secret: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// A key from its bytes.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// The key in a file; made, readable for this user only, where there is none.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        match fs::read(path) {
            Ok(bytes) => bytes.try_into().map(Self::new).map_err(|_| KeyError::Damaged),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut secret = [0; 32];
                entropy.fill(&mut secret)?;
                create(path, &secret)?;
                // Another process may have been first: what is in the file counts.
                fs::read(path)?.try_into().map(Self::new).map_err(|_| KeyError::Damaged)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The MAC over some parts; each is told from the next by its length.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; MAC] {
        let mac = self.hasher(purpose, parts).finalize().into_bytes();
        let mut short = [0; MAC];
        short.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        short
    }

    /// Whether this is the MAC over these parts. Takes as long for a wrong one as for the right one.
    #[must_use]
    pub fn verify(&self, purpose: Purpose, parts: &[&[u8]], mac: &[u8]) -> bool {
        mac.len() == MAC && self.hasher(purpose, parts).verify_truncated_left(mac).is_ok()
    }

    fn hasher(&self, purpose: Purpose, parts: &[&[u8]]) -> Hmac<Sha256> {
        // HMAC fills a key up to its block with zeros.
        let mut key = [0; 64];
        key.iter_mut().zip(self.secret).for_each(|(to, from)| *to = from);
        let mut mac = Hmac::<Sha256>::new(&key.into());
        mac.update(&[purpose as u8]);
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            mac.update(part);
        }
        mac
    }

    /// What tells this key from another one, in hexadecimal. It says nothing of the key itself.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        crate::entropy::hex(&self.mac(Purpose::Fingerprint, &[]))
    }

    /// Signs a cursor.
    #[must_use]
    pub fn signed(&self, mut cursor: Cursor) -> Cursor {
        let (numbers, names) = cursor_parts(&cursor);
        cursor.mac = self.mac(Purpose::Cursor, &[cursor.epoch.as_bytes(), &cursor.log, &numbers, &names]).to_vec();
        cursor
    }

    /// Whether a cursor is one of ours, unchanged.
    #[must_use]
    pub fn signed_this(&self, cursor: &Cursor) -> bool {
        let (numbers, names) = cursor_parts(cursor);
        self.verify(Purpose::Cursor, &[cursor.epoch.as_bytes(), &cursor.log, &numbers, &names], &cursor.mac)
    }

    /// A receipt; `digest` is [`receipt::digest`] of the hashes that it vouches for.
    #[must_use]
    pub fn receipt(&self, time: i64, digest: &[u8; 32]) -> Receipt {
        Receipt { time, mac: self.mac(Purpose::Receipt, &[&time.to_le_bytes(), digest]).to_vec() }
    }

    /// The hashes that a kept receipt vouches for; none when it is not ours.
    #[must_use]
    pub fn vouched(&self, kept: &KeptReceipt) -> Vec<automerge::ChangeHash> {
        let Some(hashes) = receipt::from_bytes(&kept.hashes) else { return Vec::new() };
        let parts: [&[u8]; 2] = [&kept.receipt.time.to_le_bytes(), &receipt::digest(&hashes)];
        if self.verify(Purpose::Receipt, &parts, &kept.receipt.mac) { hashes } else { Vec::new() }
    }
}

fn cursor_parts(cursor: &Cursor) -> (Vec<u8>, Vec<u8>) {
    let numbers = std::iter::once(cursor.seq).chain(cursor.positions.values().copied()).flat_map(u64::to_le_bytes);
    let names: Vec<&str> = cursor.positions.keys().map(String::as_str).collect();
    // No scope has a line break in its name; one that had would only make two cursors of one server look alike.
    (numbers.collect(), names.join("\n").into_bytes())
}

/// Whole, durable, and readable for this user only, or not at all.
fn create(path: &Path, secret: &[u8]) -> io::Result<()> {
    let arriving = path.with_extension(format!("key-{}", std::process::id()));
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&arriving)?;
    file.write_all(secret)?;
    file.sync_all()?;
    // A link does not replace what is there, as a rename would.
    let linked = fs::hard_link(&arriving, path);
    fs::remove_file(&arriving)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::System;
    use std::collections::BTreeMap;

    fn cursor() -> Cursor {
        let positions = BTreeMap::from([("all".to_owned(), 7), ("crew:1".to_owned(), 9)]);
        Cursor { epoch: "e".to_owned(), seq: 9, log: vec![1; 16], positions, mac: Vec::new() }
    }

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.key");
        let (one, other) = (Keys::open(&path, &System).unwrap(), Keys::open(&path, &System).unwrap());
        assert_eq!(one.secret, other.secret);
        assert_ne!(one.secret, [0; 32]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, b"short").unwrap();
        assert!(matches!(Keys::open(&path, &System), Err(KeyError::Damaged)));
    }

    #[test]
    fn it_is_hmac_of_sha_256() {
        // Filled up with zeros, a key is the same key.
        let mut secret = [0; 32];
        secret[..20].fill(0x0b);
        let mut mac = Keys::new(secret).hasher(Purpose::Cursor, &[]);
        let purpose = mac.clone().finalize().into_bytes();
        assert_ne!(purpose[..], Keys::new(secret).mac(Purpose::Receipt, &[])[..]);
        mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&secret[..20]).unwrap();
        mac.update(&[Purpose::Cursor as u8]);
        assert_eq!(mac.finalize().into_bytes(), purpose);
    }

    #[test]
    fn a_cursor_that_was_changed_anywhere_is_not_ours() {
        let keys = Keys::new([7; 32]);
        let signed = keys.signed(cursor());
        assert!(keys.signed_this(&signed));
        assert!(!Keys::new([8; 32]).signed_this(&signed));
        let change = |change: fn(&mut Cursor)| {
            let mut cursor = signed.clone();
            change(&mut cursor);
            keys.signed_this(&cursor)
        };
        assert!(!change(|cursor| cursor.seq += 1));
        assert!(!change(|cursor| cursor.epoch.push('x')));
        assert!(!change(|cursor| cursor.log[0] ^= 1));
        assert!(!change(|cursor| cursor.mac[15] ^= 1));
        assert!(!change(|cursor| cursor.mac.clear()));
        assert!(!change(|cursor| *cursor.positions.get_mut("all").unwrap() += 1));
        assert!(!change(|cursor| {
            let at = cursor.positions.remove("all").unwrap();
            cursor.positions.insert("alm".to_owned(), at);
        }));
    }

    #[test]
    fn a_receipt_vouches_for_its_own_hashes_at_its_own_time_only() {
        let keys = Keys::new([7; 32]);
        let hashes = [automerge::ChangeHash([1; 32]), automerge::ChangeHash([2; 32])];
        let receipt = keys.receipt(5, &receipt::digest(&hashes));
        let kept = KeptReceipt { receipt, hashes: receipt::to_bytes(&hashes) };
        assert_eq!(keys.vouched(&kept), hashes);
        assert!(Keys::new([8; 32]).vouched(&kept).is_empty());
        let mut later = kept.clone();
        later.receipt.time = 6;
        assert!(keys.vouched(&later).is_empty());
        let mut more = kept.clone();
        more.hashes.extend([3; 32]);
        assert!(keys.vouched(&more).is_empty());
        let mut torn = kept;
        torn.hashes.pop();
        assert!(keys.vouched(&torn).is_empty());
    }
}
