//! Photos over a link that breaks again and again.

use crate::pothole_place;
use crate::support::{Person, Server, run};
use coldpatch_mobile::engine::api::{Ask, DraftIds, Reply};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_shared::ids::{ActionId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{PhotoSlot, RenditionKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A way to the server on which every connection breaks after so many bytes from the phone; all of these arrive.
pub(crate) struct BreakingLink {
    pub(crate) address: SocketAddr,
    carried: Arc<AtomicU64>,
    broken: Arc<AtomicU64>,
}

impl BreakingLink {
    async fn to(server: SocketAddr, after: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (carried, broken) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let link = Self { address, carried: Arc::clone(&carried), broken: Arc::clone(&broken) };
        tokio::spawn(async move {
            while let Ok((phone, _)) = listener.accept().await {
                let (carried, broken) = (Arc::clone(&carried), Arc::clone(&broken));
                tokio::spawn(async move {
                    let Ok(upstream) = TcpStream::connect(server).await else { return };
                    let back = AtomicU64::new(0);
                    let ((from_phone, to_phone), (from_server, to_server)) =
                        (phone.into_split(), upstream.into_split());
                    tokio::select! {
                        () = carry(from_phone, to_server, after, &carried) => { broken.fetch_add(1, Ordering::SeqCst); }
                        () = carry(from_server, to_phone, usize::MAX, &back) => {}
                    }
                });
            }
        });
        link
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut left: usize, carried: &AtomicU64) {
    let mut buffer = vec![0; 8 << 10];
    while left > 0 {
        let most = buffer.len().min(left);
        let Ok(read @ 1..) = from.read(&mut buffer[..most]).await else { return };
        carried.fetch_add(read as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
        left -= read;
    }
}

#[test]
fn a_large_photo_over_a_link_that_breaks_every_300_kb_arrives_and_hardly_a_byte_goes_twice() {
    run(async {
        let server = Server::start();
        let link = BreakingLink::to(server.address(), 300_000).await;
        let mut inspector = Person::switch_on_at(&link.address);
        inspector.try_sign_in(&server.code("ines-okafor")).await.unwrap();
        inspector.until_city().await;
        let (place, _) = pothole_place();
        let ids = DraftIds {
            work_order: WorkOrderId(fresh_id()),
            request: ServiceRequestId(fresh_id()),
            action: ActionId(fresh_id()),
        };
        let file = large_jpeg();
        let size = file.len() as u64;
        let Reply::Draft(mut draft) = inspector.ask(Ask::DraftFromPhoto { ids, file, device_place: None }).await else {
            panic!("no draft");
        };
        draft.place = Some(place);
        draft.service_code = Some("pothole".into());
        inspector.ask(Ask::SaveDraft(draft)).await;
        let before = link.carried.load(Ordering::SeqCst);
        inspector.ask(Ask::FileDraft(ids.work_order)).await;
        inspector.until_line(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        let photo = inspector.order(ids.work_order).await.photos.remove(0).body;
        assert_eq!(photo.slot, PhotoSlot::Report);
        let files: u64 = photo.renditions.iter().map(|rendition| rendition.bytes).sum();
        assert_eq!(photo.rendition(RenditionKind::Original).unwrap().bytes, size);
        let (carried, broken) = (link.carried.load(Ordering::SeqCst) - before, link.broken.load(Ordering::SeqCst));
        assert!(broken >= size / 300_000, "it broke only {broken} times");
        // Headers and sync messages beside the files.
        assert!(carried <= files * 102 / 100 + 40_000, "{carried} bytes for files of {files}");
    });
}

/// Two megabytes of noise, which no encoder makes small.
fn large_jpeg() -> Vec<u8> {
    let mut state = 1_u32;
    let noise = (0..1_600 * 1_200 * 3).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let (pixels, mut bytes): (Vec<u8>, Vec<u8>) = (noise.collect(), Vec::new());
    jpeg_encoder::Encoder::new(&mut bytes, 85).encode(&pixels, 1_600, 1_200, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}
