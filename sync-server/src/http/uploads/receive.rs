//! Takes the bytes of one request into an upload.

use super::headers::Checksum;
use super::problem::UploadProblem;
use crate::http::{ApiError, blocking};
use crate::uploads::{Turn, Unfinished};
use axum::body::Body;
use futures_util::StreamExt as _;
use std::time::Duration;
use tokio::time::timeout;

/// What has arrived at this machine when a newcomer asks for the turn is still taken in, as it would have to be sent again. No more
/// is on its way when nothing came for so long.
const LAST_PIECE: Duration = Duration::from_millis(200);

/// An upload after a request's bytes came, with the turn at it.
pub(super) struct Received {
    pub(super) unfinished: Unfinished,
    pub(super) turn: Turn,
}

/// Takes the body in as it comes. What came before an error is kept; with a checksum, all of it or nothing is.
pub(super) async fn receive(
    mut turn: Turn,
    mut unfinished: Unfinished,
    mut checksum: Option<Checksum>,
    body: Body,
) -> Result<Received, ApiError> {
    let length = unfinished.announced.length;
    let mut appending = unfinished.append()?;
    let mut stream = body.into_data_stream();
    let mut superseded = false;
    let ended = loop {
        let piece = if superseded {
            match timeout(LAST_PIECE, stream.next()).await {
                Ok(piece) => piece,
                Err(_) => break Err(UploadProblem::Superseded.into()),
            }
        } else {
            tokio::select! {
                piece = stream.next() => piece,
                () = turn.superseded() => {
                    superseded = true;
                    continue;
                }
            }
        };
        let bytes = match piece {
            None => break Ok(()),
            Some(Err(_)) => break Err(UploadProblem::BrokeOff.into()),
            Some(Ok(bytes)) => bytes,
        };
        if appending.offset + bytes.len() as u64 > length {
            break Err(UploadProblem::Longer(length).into());
        }
        if let Some(checksum) = &mut checksum {
            checksum.update(&bytes);
        }
        appending = blocking(move || appending.write(&bytes).map(|()| appending)).await?;
    };
    let holds = checksum.is_none_or(|checksum| ended.is_ok() && checksum.holds());
    if !holds {
        blocking(move || appending.undo()).await?;
        return Err(ended.err().unwrap_or_else(|| UploadProblem::Checksum.into()));
    }
    ended?;
    unfinished.offset = appending.offset;
    unfinished.touched = std::time::SystemTime::now();
    Ok(Received { unfinished, turn })
}
