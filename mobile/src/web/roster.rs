//! Who is signed in, written beside the databases: a browser that is killed loses what its page put into `localStorage` in
//! the last seconds, and then nobody would find the database that is still there.
//!
//! The Worker that leads writes `accounts/<device>`; the page reads them all before it draws.

use crate::engine::Door;
use crate::engine::accounts::{Account, Accounts};
use crate::engine::api::{Ask, Changed, Reply};
use crate::platform::web::Opfs;
use crate::platform::{FileError, Files};
use coldpatch_shared::ids::DeviceId;
use futures_util::StreamExt;

const FOLDER: &[&str] = &["accounts"];

/// In the Worker that leads: writes the account down now and whenever it changes.
pub(super) async fn keep_up(door: Door) {
    let mut changes = door.changes();
    loop {
        if let Ok(Reply::Session(Some(session))) = door.ask(Ask::Session).await {
            let account = Account { device: session.device, name: session.name, role: session.role };
            if let Err(error) = write(&account).await {
                tracing::warn!(%error, "the account was not written down");
            }
        }
        loop {
            match changes.next().await {
                Some(Changed::Session) => break,
                Some(_) => {}
                None => return,
            }
        }
    }
}

/// On the page, before it draws: puts accounts that the list has lost back into it.
pub(super) async fn restore() {
    let written = match read().await {
        Ok(written) => written,
        Err(error) => return tracing::warn!(%error, "the accounts that were written down"),
    };
    let accounts = Accounts::in_browser();
    // A list that cannot be read is told where it is shown.
    let Ok(listed) = accounts.list() else { return };
    for account in written {
        if !listed.iter().any(|known| known.device == account.device)
            && let Err(error) = accounts.keep(account)
        {
            tracing::warn!(%error, "an account was not put back");
        }
    }
}

/// On the page: forgets an account.
pub(crate) fn remove(device: DeviceId) {
    wasm_bindgen_futures::spawn_local(async move {
        let removed = async { Opfs::open(FOLDER).await?.remove(&device.to_string()).await };
        if let Err(error) = removed.await {
            tracing::warn!(%error, "the account is still written down");
        }
    });
}

async fn write(account: &Account) -> Result<(), FileError> {
    let bytes = serde_json::to_vec(account).map_err(|error| FileError::Failed(error.to_string()))?;
    Opfs::open(FOLDER).await?.put(&account.device.to_string(), bytes).await
}

async fn read() -> Result<Vec<Account>, FileError> {
    let folder = Opfs::open(FOLDER).await?;
    let mut accounts = Vec::new();
    for name in folder.names().await? {
        // One that was cut off while it was written is written again by its Worker.
        let bytes = folder.get(&name).await?.unwrap_or_default();
        accounts.extend(serde_json::from_slice::<Account>(&bytes));
    }
    Ok(accounts)
}
