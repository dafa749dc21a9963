//! Files that arrive in parts, over links that break: what has come so far is kept until the rest comes.
//!
//! Each is two files in the folder of the device that sends it: `<sha256>.json` says what it will be, `<sha256>.part` is what
//! has come. That is all there is to know, so that a server that was killed goes on where the bytes end. Bytes are only believed
//! when the whole has the hash that it was announced with ([`Unfinished::finish`]).

use crate::files::{FileStore, media_type_of};
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::photo::MediaType;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::{OwnedMutexGuard, oneshot};

/// An upload of which nothing came for so long is thrown away.
pub const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// A device has at most so many begun at once; the one that was left longest makes room.
const MOST: usize = 32;

/// Which upload.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadKey {
    /// Who sends it.
    pub device: DeviceId,
    /// What it will be, lowercase hexadecimal; checked by whoever makes a key.
    pub sha256: String,
}

/// What was said of a file before its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Bytes.
    pub length: u64,
}

/// One that has begun.
#[derive(Debug)]
pub struct Unfinished {
    /// What it will be.
    pub announced: Announced,
    /// How many bytes have come.
    pub offset: u64,
    /// When the last of them came.
    pub touched: SystemTime,
    part: PathBuf,
    card: PathBuf,
}

/// All that have begun.
#[derive(Debug)]
pub struct Uploads {
    root: PathBuf,
    busy: Mutex<HashMap<UploadKey, Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Dropped when somebody else wants the turn.
    current: Option<oneshot::Sender<()>>,
}

/// The right to touch one upload. Who comes later has it sooner: a connection that died without a word would otherwise
/// keep its phone, which knows better, from going on.
#[derive(Debug)]
pub struct Turn {
    superseded: oneshot::Receiver<()>,
    _turn: OwnedMutexGuard<()>,
}

impl Turn {
    /// Ends when somebody else waits for this upload.
    pub async fn superseded(&mut self) {
        // The sender never sends: it is dropped.
        let _ = (&mut self.superseded).await;
    }
}

impl Uploads {
    /// Those under `root`, which is made.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(root: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&root)?;
        Ok(Self { root, busy: Mutex::default() })
    }

    /// Waits for the turn at an upload; whoever has it is asked to end.
    pub async fn enter(&self, key: &UploadKey) -> Turn {
        let (current, superseded) = oneshot::channel();
        let turn = {
            let mut busy = self.busy();
            busy.retain(|_, slot| Arc::strong_count(&slot.turn) > 1);
            let slot = busy.entry(key.clone()).or_default();
            slot.current = Some(current);
            Arc::clone(&slot.turn)
        };
        Turn { superseded, _turn: turn.lock_owned().await }
    }

    fn busy(&self) -> MutexGuard<'_, HashMap<UploadKey, Slot>> {
        // What a panic left there is still a map.
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an upload, from its first byte; what there was of it before is gone.
    ///
    /// # Errors
    /// What the disk says.
    pub fn begin(&self, key: &UploadKey, announced: Announced) -> io::Result<Unfinished> {
        let folder = self.folder(key);
        fs::create_dir_all(&folder)?;
        make_room(&folder)?;
        let (card, part) = (folder.join(format!("{}.json", key.sha256)), folder.join(format!("{}.part", key.sha256)));
        let draft = card.with_extension("new");
        fs::write(&draft, serde_json::to_vec(&announced)?)?;
        File::create(&part)?;
        fs::rename(draft, &card)?;
        Ok(Unfinished { announced, offset: 0, touched: SystemTime::now(), part, card })
    }

    /// One that has begun, if it is here.
    ///
    /// # Errors
    /// What the disk says.
    pub fn find(&self, key: &UploadKey) -> io::Result<Option<Unfinished>> {
        let folder = self.folder(key);
        read(folder.join(format!("{}.json", key.sha256)))
    }

    /// Throws away those of which nothing came since `before`. → how many.
    ///
    /// # Errors
    /// What the disk says.
    pub fn sweep(&self, before: SystemTime) -> io::Result<usize> {
        let mut swept = 0;
        for folder in fs::read_dir(&self.root)? {
            let folder = folder?.path();
            for unfinished in begun(&folder)?.into_iter().filter(|unfinished| unfinished.touched < before) {
                unfinished.remove()?;
                swept += 1;
            }
            remove_leftovers(&folder, before)?;
            // Stays when something is in it.
            let _ = fs::remove_dir(&folder);
        }
        Ok(swept)
    }

    fn folder(&self, key: &UploadKey) -> PathBuf {
        self.root.join(key.device.0.to_string())
    }
}

impl Unfinished {
    /// Opens it to take what comes next.
    ///
    /// # Errors
    /// What the disk says.
    pub fn append(&self) -> io::Result<Appending> {
        let mut file = OpenOptions::new().write(true).open(&self.part)?;
        file.seek(SeekFrom::Start(self.offset))?;
        Ok(Appending { file, offset: self.offset, began: self.offset })
    }

    /// When it is thrown away if nothing comes.
    #[must_use]
    pub fn expires(&self) -> SystemTime {
        self.touched + KEPT_FOR
    }

    /// Gives the whole file to the store, if it is what it was announced as, and a picture. → which; if not, nothing of it is kept.
    ///
    /// # Errors
    /// What the disk says; what has come is kept then.
    pub fn finish(self, sha256: &str, store: &dyn FileStore) -> io::Result<Result<MediaType, NotKept>> {
        let mut file = File::open(&self.part)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
        }
        let actual = crate::entropy::hex(&hasher.finalize());
        if actual != sha256 {
            self.remove()?;
            return Ok(Err(NotKept::Hash(actual)));
        }
        let Some(media_type) = media_type_of(&self.part)? else {
            self.remove()?;
            return Ok(Err(NotKept::NotAPicture));
        };
        file.sync_all()?;
        store.adopt(&self.part, sha256)?;
        fs::remove_file(&self.card)?;
        Ok(Ok(media_type))
    }

    /// Throws it away.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.card)?;
        fs::remove_file(&self.part)
    }
}

/// Why a whole upload was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotKept {
    /// Its hash is this one, not the one that it was announced with.
    Hash(String),
    /// It is no picture.
    NotAPicture,
}

/// An upload while bytes come.
#[derive(Debug)]
pub struct Appending {
    file: File,
    /// How many bytes there are now.
    pub offset: u64,
    began: u64,
}

impl Appending {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Forgets what came since it was opened.
    ///
    /// # Errors
    /// What the disk says.
    pub fn undo(mut self) -> io::Result<()> {
        self.offset = self.began;
        self.file.set_len(self.began)
    }
}

fn read(card: PathBuf) -> io::Result<Option<Unfinished>> {
    let part = card.with_extension("part");
    let (said, there) = match (fs::read(&card), fs::metadata(&part)) {
        (Ok(said), Ok(there)) => (said, there),
        (Err(error), _) | (_, Err(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    // A card that a crash has damaged says nothing: the phone begins again.
    let announced = serde_json::from_slice(&said).ok();
    let touched = there.modified()?;
    Ok(announced.map(|announced| Unfinished { announced, offset: there.len(), touched, part, card }))
}

fn begun(folder: &Path) -> io::Result<Vec<Unfinished>> {
    let mut begun = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            begun.extend(read(path)?);
        }
    }
    Ok(begun)
}

/// What a crash has left halfway.
fn remove_leftovers(folder: &Path, before: SystemTime) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let begun = read(path.with_extension("json"))?.is_some();
        if !begun && fs::metadata(&path)?.modified()? < before {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn make_room(folder: &Path) -> io::Result<()> {
    let mut begun = begun(folder)?;
    begun.sort_by_key(|unfinished| unfinished.touched);
    let too_many = (begun.len() + 1).saturating_sub(MOST);
    begun.into_iter().take(too_many).try_for_each(Unfinished::remove)
}
