//! A day's photos over a link that breaks again and again: how much of them arrives more than once.

use crate::ours::server::Server;
use crate::ours::town;
use crate::proxy::{Link, Proxy};
use anyhow::{Context, Result, bail};
use coldpatch_mobile::engine::api::{Ask, DraftIds, Reply, SyncLine};
use coldpatch_mobile::engine::{Door, fresh_id, open_native};
use coldpatch_mobile::platform::http::Cable;
use coldpatch_server::enrollment;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, DeviceId, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{PlaceFix, PlaceSource};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many photos wait.
const PHOTOS: u32 = 100;
/// Each, with all its files, has about this much.
const LINK: Link = Link { name: "breaking link", round_trip: Duration::from_millis(100), rate: 600_000.0 };
/// How long each connection lives.
const CUT_EVERY: Duration = Duration::from_secs(5);
/// What may arrive twice, of all bytes of the files; it has everything else that was sent in it, too.
const GOAL_PERCENT: f64 = 2.0;
/// After this something is wrong.
const PATIENCE: Duration = Duration::from_secs(600);

/// The figure, as a JSON line; see [`crate::figures`]. Works in `folder`.
///
/// # Errors
/// When the photos do not arrive.
pub fn figure(folder: &Path) -> Result<Value> {
    let (city, data) = (town::write(folder)?, folder.join("server"));
    let app = town::open(&city, &data)?;
    let code = enrollment::invite(&app, &UserId::from("ines-okafor"), 1)?.code;
    let server = Server::start(&city, &data)?;
    let proxy = Proxy::start(LINK)?;
    proxy.lead(server.port);
    let (cable, phone) = (Cable::default(), folder.join("phone"));
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let door = open_native(&phone, DeviceId(fresh_id()), &url, cable.clone())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        door.ask(Ask::Enroll { code, device_name: "bench".to_owned(), beside: Vec::new() }).await?;
        until(&door, |line| line.last_contact.is_some()).await?;
        while door.ask(Ask::City).await? == Reply::City(None) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        cable.set(false);
        let mut files = 0;
        for number in 0..PHOTOS {
            files += file(&door, number).await?;
        }
        let line = until(&door, |line| line.sending == 0).await?;
        let (count, began) = (line.photos_waiting, Instant::now());
        proxy.reset();
        cable.set(true);
        door.ask(Ask::Network(true)).await?;
        let (mut cut_at, mut cuts) = (Instant::now() + CUT_EVERY, 0_u32);
        loop {
            let line = sync_line(&door).await?;
            if line.photos_waiting == 0 && line.only_here == 0 {
                break;
            }
            if began.elapsed() > PATIENCE {
                bail!("{} of {count} files still wait", line.photos_waiting);
            }
            if Instant::now() >= cut_at {
                proxy.cut();
                (cut_at, cuts) = (Instant::now() + CUT_EVERY, cuts + 1);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let took = began.elapsed().as_secs_f64();
        #[allow(clippy::cast_precision_loss, reason = "some megabytes")]
        let percent = |bytes: u64| rounded(bytes as f64 * 100.0 / files as f64);
        let arrived = proxy.counted().arrived;
        Ok(json!({
            "figure": "100 photos over a link that is cut every 5 s, sent beyond their bytes",
            "value": percent(arrived.saturating_sub(files)), "unit": "%", "goal": GOAL_PERCENT,
            "against": {
                "files": count, "megabytes": rounded(files as f64 / 1e6), "cuts": cuts, "took_s": rounded(took),
                "without_cuts_s": rounded(files as f64 / LINK.rate),
            },
        }))
    })
}

/// Files a pothole with a photo. → the bytes of the photo's files.
async fn file(door: &Door, number: u32) -> Result<u64> {
    let ids = DraftIds {
        work_order: WorkOrderId(fresh_id()),
        request: ServiceRequestId(fresh_id()),
        action: ActionId(fresh_id()),
    };
    let place =
        PlaceFix { at: LatLon { lat: 47.6, lon: -122.33 }, source: PlaceSource::Pin, accuracy_m: None, age_s: None };
    let ask = Ask::DraftFromPhoto { ids, file: noise(number)?, device_place: Some(place.clone()) };
    let Reply::Draft(mut draft) = door.ask(ask).await? else { bail!("no draft") };
    let renditions = draft.photos.iter().flat_map(|photo| &photo.renditions);
    let bytes = renditions.map(|rendition| rendition.bytes).sum();
    draft.place = Some(place);
    draft.service_code = Some("pothole".into());
    door.ask(Ask::SaveDraft(draft)).await?;
    door.ask(Ask::FileDraft(ids.work_order)).await?;
    Ok(bytes)
}

async fn sync_line(door: &Door) -> Result<SyncLine> {
    match door.ask(Ask::SyncLine).await? {
        Reply::SyncLine(line) => Ok(line),
        other => bail!("not a line: {other:?}"),
    }
}

async fn until(door: &Door, wanted: impl Fn(&SyncLine) -> bool) -> Result<SyncLine> {
    let since = Instant::now();
    loop {
        let line = sync_line(door).await?;
        if wanted(&line) {
            return Ok(line);
        }
        if since.elapsed() > PATIENCE {
            bail!("the phone does not come to rest: {line:?}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A JPEG of noise, which nothing makes small: 0.15 MB, and about as much again as what is made of it.
fn noise(seed: u32) -> Result<Vec<u8>> {
    const SIDES: (u16, u16) = (520, 390);
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let pixels: Vec<u8> = (0..usize::from(SIDES.0) * usize::from(SIDES.1) * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_le_bytes()[3]
        })
        .collect();
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 80)
        .encode(&pixels, SIDES.0, SIDES.1, jpeg_encoder::ColorType::Rgb)
        .context("a picture of noise")?;
    Ok(bytes)
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
