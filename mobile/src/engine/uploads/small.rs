//! Small files, several in one message; one by one to a server that knows no such message, or takes no such large one.

use super::sending::{Cargo, Fared, TIMEOUT_MS, not_taken, out_of_reach};
use crate::engine::core::Engine;
use crate::platform::{HttpRequest, HttpResponse, Method};
use coldpatch_shared::sync::wire::files::{FILES_MEDIA_TYPE, SmallFile, SmallFiles, SmallFilesAnswer};
use coldpatch_shared::sync::wire::{self, ChangeBytes};

const BYTES: &str = "application/octet-stream";

/// Why there is no status for each.
enum NoStatuses {
    /// They all fared so.
    All(Fared),
    /// The server takes them only alone.
    OnlyAlone,
}

impl Engine {
    /// How each of them fared: together, and one by one by what the server says of it.
    pub(super) async fn send_together(&self, mut cargoes: Vec<Cargo>) -> Vec<(String, Fared)> {
        if self.sync.borrow().files_one_by_one {
            return self.send_alone(cargoes).await;
        }
        let token = cargoes.first().map(|cargo| cargo.token.clone());
        let small = |cargo: &mut Cargo| SmallFile {
            sha256: cargo.file.sha256.clone(),
            bytes: ChangeBytes::from(std::mem::take(&mut cargo.bytes)),
        };
        let message = SmallFiles { files: cargoes.iter_mut().map(small).collect() };
        let statuses = match wire::encode(&message) {
            Ok(body) => self.statuses(body, token, message.files.len()).await,
            Err(error) => {
                tracing::error!(%error, "small files");
                Err(NoStatuses::All(Fared::NotTaken))
            }
        };
        let files = message.files.into_iter();
        match statuses {
            Ok(statuses) => {
                let fared = |(file, status): (SmallFile, u16)| match status {
                    200 | 201 => (file.sha256, Fared::Sent),
                    status => {
                        let fared = not_taken(&file.sha256, &file.bytes, status);
                        (file.sha256, fared)
                    }
                };
                files.zip(statuses).map(fared).collect()
            }
            Err(NoStatuses::All(fared)) => files.map(|file| (file.sha256, fared)).collect(),
            Err(NoStatuses::OnlyAlone) => {
                self.sync.borrow_mut().files_one_by_one = true;
                cargoes.iter_mut().zip(files).for_each(|(cargo, file)| cargo.bytes = file.bytes.into_vec());
                self.send_alone(cargoes).await
            }
        }
    }

    async fn statuses(&self, body: Vec<u8>, token: Option<String>, count: usize) -> Result<Vec<u16>, NoStatuses> {
        let all = |fared| Err(NoStatuses::All(fared));
        let post = HttpRequest {
            method: Method::Post,
            path: "/api/files".to_owned(),
            token,
            headers: Vec::new(),
            body: Some((FILES_MEDIA_TYPE, body)),
            timeout_ms: TIMEOUT_MS,
        };
        match self.platform.transport.send(post).await {
            Ok(HttpResponse { status: 200, body, .. }) => match wire::decode::<SmallFilesAnswer>(&body) {
                Ok(answer) if answer.statuses.len() == count => Ok(answer.statuses),
                Ok(_) | Err(_) => {
                    tracing::error!("the server answered something else to small files");
                    all(Fared::NotTaken)
                }
            },
            Ok(HttpResponse { status: 401 | 429 | 500.., .. }) => all(Fared::NoServer),
            Ok(HttpResponse { status: status @ (404 | 405 | 413), .. }) => {
                tracing::info!(status, "small files go one by one");
                Err(NoStatuses::OnlyAlone)
            }
            Ok(HttpResponse { status, .. }) => {
                tracing::warn!(status, "the server did not take small files");
                all(Fared::NotTaken)
            }
            Err(why) => all(out_of_reach("small files", &why)),
        }
    }

    /// Each in a message of its own.
    async fn send_alone(&self, cargoes: Vec<Cargo>) -> Vec<(String, Fared)> {
        let (mut all, mut reached) = (Vec::new(), true);
        for Cargo { file, bytes, token } in cargoes {
            let fared = if reached { self.put_file(&file.sha256, bytes, token).await } else { Fared::NoServer };
            reached = !matches!(fared, Fared::NoServer);
            all.push((file.sha256, fared));
        }
        all
    }

    async fn put_file(&self, sha256: &str, bytes: Vec<u8>, token: String) -> Fared {
        let put = HttpRequest {
            method: Method::Put,
            path: format!("/api/files/{sha256}"),
            token: Some(token),
            headers: Vec::new(),
            body: Some((BYTES, bytes.clone())),
            timeout_ms: TIMEOUT_MS,
        };
        match self.platform.transport.send(put).await {
            Ok(HttpResponse { status: 200 | 201, .. }) => Fared::Sent,
            Ok(HttpResponse { status, .. }) => not_taken(sha256, &bytes, status),
            Err(why) => out_of_reach(sha256, &why),
        }
    }
}
