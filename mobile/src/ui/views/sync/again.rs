//! The city has signed this phone out, or no longer knows it: what is kept, the way back in, and a copy for safety.

use crate::engine::api::{Ask, Reply};
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::card::Section;
use crate::ui::components::field::TextField;
use crate::ui::components::notice::Notice;
use crate::ui::state::{Device, Devices};
use crate::ui::views::sign_in::typed_code;
use crate::ui::words;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coldpatch_shared::sync::phone::Failure;
use dioxus::prelude::*;

/// The card. Nothing while the phone is signed in.
#[component]
pub(super) fn Again(device: Device, failure: Option<Failure>) -> Element {
    let devices = use_context::<Devices>();
    let mut code = use_signal(String::new);
    let mut said = use_signal(|| None::<String>);
    let what = match failure {
        Some(Failure::Revoked) => words::account::REVOKED_WHAT,
        Some(Failure::SignedOut) => words::account::UNKNOWN_WHAT,
        _ => return rsx! {},
    };
    let go = move || async move {
        let Some(code) = typed_code(&code.peek()) else { return said.set(Some(words::account::NO_CODE.to_owned())) };
        let device_name = devices.platform().0.device_name();
        let answer = device.ask(Ask::Enroll { code, device_name, beside: Vec::new() }).await;
        said.set(answer.err().map(|error| error.to_string()));
    };
    rsx! {
        Section { title: words::account::AGAIN, testid: "sign-in-again",
            div { class: "card pad stack",
                p { class: "flat", "{what}" }
                TextField {
                    label: words::account::CODE,
                    value: code(),
                    hint: words::account::CODE_HINT,
                    testid: "code",
                    oninput: move |text| {
                        code.set(text);
                        said.set(None);
                    },
                }
                if let Some(text) = said() {
                    Notice { text }
                }
                Button { weight: Weight::Main, testid: "sign-in-again-go", onclick: move |()| { spawn(go()); }, {words::account::AGAIN} }
                Copy { device }
            }
        }
    }
}

/// Everything that only this phone has, to download.
#[component]
fn Copy(device: Device) -> Element {
    let mut made = use_signal(|| None::<String>);
    let make = move || async move {
        match device.ask(Ask::Export).await {
            Ok(Reply::Export(text)) => {
                made.set(Some(format!("data:application/json;base64,{}", STANDARD.encode(text))))
            }
            Ok(_) => {}
            Err(error) => device.trouble(error),
        }
    };
    rsx! {
        p { class: "small flat", {words::account::COPY_WHAT} }
        if let Some(href) = made() {
            a { class: "button", href, download: "coldpatch-not-sent.json", "data-testid": "download-copy", {words::account::DOWNLOAD_COPY} }
        } else {
            Button { testid: "save-copy", onclick: move |()| { spawn(make()); }, {words::account::SAVE_COPY} }
        }
    }
}
