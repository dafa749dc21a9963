//! The side of the Worker in which photos are made (`mobile/web/maker.js` starts it): a file comes in, what is shown of it
//! goes out. It has no database and keeps nothing; it may be ended at any time.
//!
//! A message is `{id, file, sha256?, way?}`, `file` a `Blob` or a `Uint8Array`, `way` `"wasm"` where the browser's decoder
//! is not to be used. The first answer is `{id, reading}`, so that a file which kills this Worker is known by what it says
//! of itself; the last one `{id, done, display?, thumbnail?}` or `{id, problem}`. What is text there is JSON.

use crate::engine::Developed;
use crate::engine::api::EngineError;
use crate::platform::web::{digest, get, string};
use coldpatch_shared::photo::{
    self, Blur, DISPLAY_QUALITY, DISPLAY_SIDE, HALF_SIDE, JpegFile, Made, MediaType, PhotoProblem, Pixels, Reading,
    Small,
};
use js_sys::{Object, Promise, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

#[wasm_bindgen]
extern "C" {
    /// What `maker.js` leaves on the Worker's global.
    type Start;

    #[wasm_bindgen(thread_local_v2, js_namespace = globalThis, js_name = coldpatch)]
    static START: Option<Start>;

    #[wasm_bindgen(method, getter)]
    fn maker(this: &Start) -> Option<bool>;

    #[wasm_bindgen(method, getter)]
    fn waiting(this: &Start) -> js_sys::Array;

    #[wasm_bindgen(method, catch)]
    async fn draw(
        this: &Start,
        file: &JsValue,
        side: u32,
        quality: f64,
        small_side: u32,
        plain: &JsValue,
    ) -> Result<JsValue, JsValue>;
}

/// What is made of a photo, without the bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) reading: Reading,
    pub(super) remark: Option<String>,
    /// Width, height and SHA-256 of the display rendition and of the thumbnail.
    pub(super) files: Option<[(u32, u32, String); 2]>,
    pub(super) blur: Option<String>,
    /// How long it took, ms, and by which decoder: for whoever measures.
    pub(super) took_ms: f64,
    pub(super) by: By,
}

/// Who decoded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum By {
    Browser,
    /// The browser, and it scaled while it decoded.
    Reduced,
    Wasm,
}

/// Whether this Worker is one that makes photos.
pub(super) fn wanted() -> bool {
    START.with(|start| start.as_ref().and_then(Start::maker)).is_some()
}

/// Makes photos for as long as the Worker lives.
pub(super) fn run(scope: DedicatedWorkerGlobalScope) {
    let scope = Rc::new(scope);
    let hear = {
        let scope = scope.clone();
        move |message: JsValue| {
            let scope = scope.clone();
            wasm_bindgen_futures::spawn_local(async move { answer(&scope, &message).await });
        }
    };
    if let Some(waiting) = START.with(|start| start.as_ref().map(Start::waiting)) {
        waiting.iter().for_each(&hear);
    }
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| hear(event.data()));
    scope.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
}

async fn answer(scope: &DedicatedWorkerGlobalScope, message: &JsValue) {
    let id = get(message, "id");
    match develop(scope, &id, message).await {
        Ok((done, made)) => {
            let files = made.map(|made| [("display", made.display.bytes), ("thumbnail", made.thumbnail.bytes)]);
            let files = files.map(|files| files.map(|(name, bytes)| (name, Uint8Array::from(bytes.as_slice()))));
            let transfer: js_sys::Array = files.iter().flatten().map(|(_, bytes)| bytes.buffer()).collect();
            let files = files.into_iter().flatten().map(|(name, bytes)| (name, bytes.into()));
            post(scope, id, [("done", json(&done))].into_iter().chain(files), &transfer);
        }
        Err(problem) => post(scope, id, [("problem", json(&problem))], &js_sys::Array::new()),
    }
}

async fn develop(
    scope: &DedicatedWorkerGlobalScope,
    id: &JsValue,
    message: &JsValue,
) -> Result<(Done, Option<Made>), EngineError> {
    let clock = || scope.performance().map_or_else(js_sys::Date::now, |clock| clock.now());
    let started = clock();
    let file = get(message, "file");
    let bytes = match file.dyn_ref::<Blob>() {
        Some(blob) => JsFuture::from(blob.array_buffer()).await.map(|buffer| Uint8Array::new(&buffer)),
        None => Ok(Uint8Array::new(&file)),
    };
    let bytes = bytes.map_err(|why| {
        tracing::warn!(?why, "a photo's file");
        crate::platform::given_up()
    })?;
    let bytes = bytes.to_vec();
    let sha256 = match string(message, "sha256") {
        Some(sha256) => sha256,
        None => digest(&bytes).await,
    };
    let reading = photo::read_named(&bytes, sha256)?;
    post(scope, id.clone(), [("reading", json(&reading))], &js_sys::Array::new());
    let by_browser = match string(message, "way").as_deref() {
        Some("wasm") => None,
        _ => drawn(&file, &bytes, &reading).await,
    };
    let by = by_browser.as_ref().map_or(By::Wasm, |(_, by)| *by);
    let made = by_browser.map_or_else(|| photo::make(&bytes, &reading), |(made, _)| Ok(made));
    let Developed { reading, made, remark, .. } = Developed::of(None, reading, made)?;
    let named = |file: &JpegFile| (file.width, file.height, file.sha256.clone());
    let done = Done {
        reading,
        remark,
        files: made.as_ref().map(|made| [named(&made.display), named(&made.thumbnail)]),
        blur: made.as_ref().and_then(|made| made.blur.as_ref()).map(Blur::to_text),
        took_ms: clock() - started,
        by,
    };
    Ok((done, made))
}

/// By the browser. `None` where that is not to be trusted, or fails: then wasm says what is wrong.
async fn drawn(file: &JsValue, bytes: &[u8], reading: &Reading) -> Option<(Made, By)> {
    // Browsers show half a picture as if it were whole.
    if reading.media_type == MediaType::Jpeg && photo::is_cut_off_jpeg(bytes) {
        return None;
    }
    let blob = match file.dyn_ref::<Blob>() {
        Some(blob) => blob.clone(),
        None => Blob::new_with_u8_array_sequence(&js_sys::Array::of1(file)).ok()?,
    };
    let drawing = START
        .with(|start| start.as_ref().map(|start| AsRef::<JsValue>::as_ref(start).clone().unchecked_into::<Start>()))?;
    let plain = plain(bytes, reading);
    let drawn = drawing.draw(&blob, DISPLAY_SIDE, f64::from(DISPLAY_QUALITY) / 100.0, HALF_SIDE, &plain).await;
    let drawn = drawn.inspect_err(|why| tracing::info!(?why, "not by the browser")).ok()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sides of pictures")]
    let [across, down, width, height, small_width, small_height] =
        ["across", "down", "width", "height", "smallWidth", "smallHeight"]
            .map(|name| get(&drawn, name).as_f64().unwrap_or(0.0) as u32);
    let turned = reading.orientation >= 5;
    let upright = if turned { (reading.height, reading.width) } else { (reading.width, reading.height) };
    if reading.width > 0 && upright != (across, down) {
        tracing::warn!("this browser does not turn pictures upright");
        return None;
    }
    let pixels = Uint8Array::new(&get(&drawn, "pixels")).to_vec();
    let mut rgb = vec![0; pixels.len() / 4 * 3];
    for (to, from) in rgb.chunks_exact_mut(3).zip(pixels.chunks_exact(4)) {
        to.copy_from_slice(&from[..3]);
    }
    drop(pixels);
    // While the browser encodes.
    let small = Small::of(Pixels { width: small_width, height: small_height, rgb, profile: None });
    let jpeg = JsFuture::from(get(&drawn, "jpeg").unchecked_into::<Promise>()).await;
    let jpeg = jpeg.inspect_err(|why| tracing::warn!(?why, "what the browser drew")).ok()?;
    // Chromium says in every JPEG that it is sRGB, which is what all renditions are.
    let jpeg = photo::bared_jpeg(&Uint8Array::new(&jpeg).to_vec())?;
    let sha256 = digest(&jpeg).await;
    let made = small.and_then(|small| small.beside(JpegFile { bytes: jpeg, width, height, sha256 }));
    let made = made.inspect_err(|problem: &PhotoProblem| tracing::warn!(?problem, "what the browser drew")).ok()?;
    let by = if get(&drawn, "reduced").is_truthy() { By::Reduced } else { By::Browser };
    Some((made, by))
}

/// What `draw` is told of a JPEG that nothing but its pixels makes look as it does, and that is larger than what is shown.
fn plain(bytes: &[u8], reading: &Reading) -> JsValue {
    // Below this `reduce` (maker.js) would not take it, and the copy would be in vain.
    if reading.width.max(reading.height) * 5 < DISPLAY_SIDE * 8 {
        return JsValue::UNDEFINED;
    }
    let Some(jpeg) = photo::plain_jpeg(bytes) else { return JsValue::UNDEFINED };
    let plain = Object::new();
    for (name, value) in [
        ("jpeg", Uint8Array::from(jpeg.as_slice()).into()),
        ("across", reading.width.into()),
        ("down", reading.height.into()),
        ("orientation", reading.orientation.into()),
    ] {
        // Setting a plain object's property cannot fail.
        let _ = Reflect::set(&plain, &name.into(), &value);
    }
    plain.into()
}

fn json<T: Serialize>(value: &T) -> JsValue {
    // Plain values of ours: they always serialize.
    serde_json::to_string(value).map_or(JsValue::NULL, JsValue::from)
}

fn post(
    scope: &DedicatedWorkerGlobalScope,
    id: JsValue,
    fields: impl IntoIterator<Item = (&'static str, JsValue)>,
    transfer: &js_sys::Array,
) {
    let message = Object::new();
    for (name, value) in [("id", id)].into_iter().chain(fields) {
        // Setting a plain object's property cannot fail.
        let _ = Reflect::set(&message, &name.into(), &value);
    }
    if let Err(error) = scope.post_message_with_transfer(&message, transfer) {
        tracing::error!(?error, "a message to the engine");
    }
}
