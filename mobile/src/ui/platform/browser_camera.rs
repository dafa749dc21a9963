//! The camera in a browser: `getUserMedia`, a `video` element, and a canvas that a frame is drawn on.

use super::{Camera, CameraError};
use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use js_sys::{Array, Object, Reflect};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, DomException, HtmlCanvasElement, HtmlVideoElement, MediaDeviceInfo,
    MediaDeviceKind, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaStreamTrackState,
};

/// What is asked for: a little more than the display rendition has.
const WIDTH: f64 = 2560.0;
const HEIGHT: f64 = 1920.0;
/// Of the JPEG that a frame becomes.
const QUALITY: f64 = 0.92;

/// An open camera.
#[derive(Debug)]
pub(super) struct Live {
    stream: MediaStream,
    track: MediaStreamTrack,
    video: RefCell<Option<HtmlVideoElement>>,
}

fn devices() -> Option<MediaDevices> {
    // Absent where the page did not come by https.
    web_sys::window()?.navigator().media_devices().ok().filter(|devices| devices.is_object())
}

/// Whether there is a camera at all. Nobody is asked for permission by this.
pub(super) async fn exists() -> bool {
    let Some(asked) = devices().and_then(|devices| devices.enumerate_devices().ok()) else { return false };
    let Ok(all) = JsFuture::from(asked).await else { return false };
    Array::from(&all)
        .iter()
        .any(|device| device.unchecked_into::<MediaDeviceInfo>().kind() == MediaDeviceKind::Videoinput)
}

/// Opens the one that looks away from the person, if there are two.
pub(super) async fn open() -> Result<Live, CameraError> {
    let devices = devices().ok_or(CameraError::Nothing)?;
    let wanted = Object::new();
    for (name, value) in [
        ("width", ideal(&WIDTH.into())),
        ("height", ideal(&HEIGHT.into())),
        ("facingMode", ideal(&"environment".into())),
    ] {
        // A plain object takes every field.
        let _ = Reflect::set(&wanted, &name.into(), &value);
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wanted);
    let asked = devices.get_user_media_with_constraints(&constraints).map_err(|error| why(&error))?;
    let stream: MediaStream = JsFuture::from(asked).await.map_err(|error| why(&error))?.unchecked_into();
    let track = stream.get_video_tracks().get(0);
    if track.is_undefined() {
        return Err(CameraError::Nothing);
    }
    Ok(Live { stream, track: track.unchecked_into(), video: RefCell::default() })
}

fn ideal(value: &JsValue) -> JsValue {
    let object = Object::new();
    let _ = Reflect::set(&object, &"ideal".into(), value);
    object.into()
}

/// By the names of the Media Capture and Streams specification, 10.3.5.
fn why(error: &JsValue) -> CameraError {
    match error.dyn_ref::<DomException>().map(DomException::name).as_deref() {
        Some("NotAllowedError" | "SecurityError") => CameraError::Refused,
        Some("NotReadableError" | "AbortError" | "InvalidStateError") => CameraError::Busy,
        _ => CameraError::Nothing,
    }
}

impl Camera for Live {
    fn show_in(&self, id: &str) {
        let element =
            web_sys::window().and_then(|window| window.document()).and_then(|page| page.get_element_by_id(id));
        let Some(video) = element.and_then(|element| element.dyn_into::<HtmlVideoElement>().ok()) else { return };
        video.set_muted(true);
        video.set_src_object(Some(&self.stream));
        // It plays by itself; where it must be told, this is how, and it may say no until the person taps.
        if let Ok(playing) = video.play() {
            wasm_bindgen_futures::spawn_local(async move {
                let _ = JsFuture::from(playing).await;
            });
        }
        *self.video.borrow_mut() = Some(video);
    }

    fn size(&self) -> Option<(u32, u32)> {
        let video = self.video.borrow();
        let video = video.as_ref()?;
        let size = (video.video_width(), video.video_height());
        (size.0 > 0 && size.1 > 0).then_some(size)
    }

    fn shoot(&self) -> LocalBoxFuture<'static, Result<Vec<u8>, CameraError>> {
        // The frame of this moment, not of when somebody has time.
        let blob = self.size().and_then(|size| frame(size, self.video.borrow().as_ref()?));
        async move {
            let bytes = async { JsFuture::from(blob?.await.ok()??.array_buffer()).await.ok() };
            let bytes = bytes.await.ok_or(CameraError::Stopped)?;
            Ok(js_sys::Uint8Array::new(&bytes).to_vec())
        }
        .boxed_local()
    }

    fn has_torch(&self) -> bool {
        let call = |name: &str| -> Option<JsValue> {
            let ask: js_sys::Function = Reflect::get(&self.track, &name.into()).ok()?.dyn_into().ok()?;
            ask.call0(&self.track).ok()
        };
        call("getCapabilities")
            .and_then(|can| Reflect::get(&can, &"torch".into()).ok())
            .is_some_and(|torch| torch.is_truthy())
    }

    fn set_torch(&self, on: bool) -> LocalBoxFuture<'static, bool> {
        let asked = || -> Option<js_sys::Promise> {
            let (torch, constraints) = (Object::new(), Object::new());
            Reflect::set(&torch, &"torch".into(), &on.into()).ok()?;
            Reflect::set(&constraints, &"advanced".into(), &Array::of1(&torch)).ok()?;
            let apply: js_sys::Function =
                Reflect::get(&self.track, &"applyConstraints".into()).ok()?.dyn_into().ok()?;
            apply.call1(&self.track, &constraints).ok()?.dyn_into().ok()
        };
        let asked = asked();
        async move {
            match asked {
                Some(asked) => JsFuture::from(asked).await.is_ok(),
                None => false,
            }
        }
        .boxed_local()
    }

    fn is_live(&self) -> bool {
        self.track.ready_state() == MediaStreamTrackState::Live
    }

    fn stop(&self) {
        for track in self.stream.get_tracks().iter() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
        if let Some(video) = self.video.borrow_mut().take() {
            video.set_src_object(None);
        }
    }
}

/// Whoever forgets it does not leave the camera's light on.
impl Drop for Live {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The frame that is shown now, on its way to be a JPEG.
fn frame((width, height): (u32, u32), video: &HtmlVideoElement) -> Option<oneshot::Receiver<Option<Blob>>> {
    let canvas: HtmlCanvasElement = web_sys::window()?.document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.draw_image_with_html_video_element(video, 0.0, 0.0).ok()?;
    let (sender, made) = oneshot::channel();
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        let _ = sender.send(blob);
    });
    canvas.to_blob_with_type_and_encoder_options(done.unchecked_ref(), "image/jpeg", &QUALITY.into()).ok()?;
    Some(made)
}
