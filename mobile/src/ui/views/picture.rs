//! A photo that loads itself by its file's SHA-256.

use crate::ui::components::marks::{Drawing, MarksLayer};
use crate::ui::components::photo::PhotoView;
use crate::ui::state::{Device, use_picture};
use coldpatch_shared::order::{Photo, RenditionKind};
use dioxus::prelude::*;

/// The file to show small: the thumbnail, else whatever there is.
#[must_use]
pub(crate) fn small(photo: &Photo) -> Option<String> {
    let rendition = photo.rendition(RenditionKind::Thumbnail).or_else(|| photo.renditions.first());
    rendition.map(|rendition| rendition.sha256.clone())
}

/// The file to show large.
#[must_use]
pub(crate) fn large(photo: &Photo) -> Option<String> {
    let rendition = photo.rendition(RenditionKind::Display).or_else(|| photo.renditions.first());
    rendition.map(|rendition| rendition.sha256.clone())
}

/// A photo in its box.
#[component]
pub(crate) fn LivePhoto(
    device: Device,
    sha256: Option<String>,
    #[props(default)] blur: Option<String>,
    #[props(into)] alt: String,
    #[props(default, into)] badge: String,
    #[props(default)] only_here: bool,
    #[props(default)] drawing: Drawing,
) -> Element {
    let picture = use_picture(device, sha256);
    rsx! {
        if let Some(picture) = picture {
            PhotoView { picture, blur, alt, badge, only_here, MarksLayer { drawing } }
        }
    }
}
