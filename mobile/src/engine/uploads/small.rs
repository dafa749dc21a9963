//! Small files, several in one message.

use super::sending::{Cargo, Fared, TIMEOUT_MS, not_taken, out_of_reach};
use crate::engine::core::Engine;
use crate::platform::{HttpRequest, HttpResponse, Method};
use coldpatch_shared::sync::wire::files::{FILES_MEDIA_TYPE, SmallFile, SmallFiles, SmallFilesAnswer};
use coldpatch_shared::sync::wire::{self, ChangeBytes};

impl Engine {
    /// How each of them fared: together, and one by one by what the server says of it.
    pub(super) async fn send_together(&self, cargoes: Vec<Cargo>) -> Vec<(String, Fared)> {
        let token = cargoes.first().map(|cargo| cargo.token.clone());
        let files: Vec<SmallFile> = cargoes
            .into_iter()
            .map(|cargo| SmallFile { sha256: cargo.file.sha256, bytes: ChangeBytes::from(cargo.bytes) })
            .collect();
        let message = SmallFiles { files };
        let statuses = match wire::encode(&message) {
            Ok(body) => self.statuses(body, token, message.files.len()).await,
            Err(error) => {
                tracing::error!(%error, "small files");
                Err(Fared::NotTaken)
            }
        };
        let fared = |at: usize, file: &SmallFile| match &statuses {
            Ok(statuses) => match statuses.get(at) {
                Some(200 | 201) => Fared::Sent,
                Some(status) => not_taken(&file.sha256, &file.bytes, *status),
                None => Fared::NotTaken,
            },
            Err(fared) => *fared,
        };
        message.files.iter().enumerate().map(|(at, file)| (file.sha256.clone(), fared(at, file))).collect()
    }

    async fn statuses(&self, body: Vec<u8>, token: Option<String>, count: usize) -> Result<Vec<u16>, Fared> {
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
                    Err(Fared::NotTaken)
                }
            },
            Ok(HttpResponse { status: 401 | 429 | 500.., .. }) => Err(Fared::NoServer),
            Ok(HttpResponse { status, .. }) => {
                tracing::warn!(status, "the server did not take small files");
                Err(Fared::NotTaken)
            }
            Err(why) => Err(out_of_reach("small files", &why)),
        }
    }
}
