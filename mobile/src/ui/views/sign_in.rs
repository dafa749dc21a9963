//! A code becomes a session: a new device id, its own database, its place in the list of accounts.

use crate::engine::accounts::Account;
use crate::engine::api::{Ask, EngineError, ErrorKind, Reply};
use crate::engine::fresh_id;
use crate::ui::components::button::{Button, IconButton, Weight};
use crate::ui::components::field::TextField;
use crate::ui::components::frame::Title;
use crate::ui::components::heading::Heading;
use crate::ui::components::icon::Glyph;
use crate::ui::components::notice::{Loading, Notice};
use crate::ui::routes::Route;
use crate::ui::state::Devices;
use crate::ui::words;
use coldpatch_shared::api::Session;
use coldpatch_shared::ids::DeviceId;
use dioxus::prelude::*;

/// The code that somebody typed, or pasted with the link around it.
pub(super) fn typed_code(typed: &str) -> Option<String> {
    let code = typed.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default().trim();
    (!code.is_empty()).then(|| code.to_owned())
}

/// Asks for the code.
#[component]
pub fn SignIn() -> Element {
    let mut code = use_signal(String::new);
    let mut empty = use_signal(|| false);
    let navigator = use_navigator();
    let mut go = move || match typed_code(&code.peek()) {
        Some(code) => _ = navigator.push(Route::SignInWith { code }),
        None => empty.set(true),
    };
    rsx! {
        main { class: "screen",
            div { class: "top",
                div { class: "title job",
                    IconButton { glyph: Glyph::Back, label: words::BACK, onclick: move |()| { navigator.push(Route::Accounts {}); } }
                    Heading { title: words::account::SIGN_IN }
                }
            }
            form {
                class: "content stack wide",
                id: "sign-in",
                onsubmit: move |event| {
                    event.prevent_default();
                    go();
                },
                TextField {
                    label: words::account::CODE,
                    value: code(),
                    hint: words::account::CODE_HINT,
                    testid: "code",
                    oninput: move |text| {
                        code.set(text);
                        empty.set(false);
                    },
                }
                if empty() {
                    Notice { text: words::account::NO_CODE }
                }
            }
            div { class: "foot",
                Button { weight: Weight::Main, testid: "sign-in", onclick: move |()| go(), {words::account::SIGN_IN} }
            }
        }
    }
}

/// Redeems the code of a link.
#[component]
pub fn SignInWith(code: String) -> Element {
    let devices = use_context::<Devices>();
    let navigator = use_navigator();
    let code = use_hook(|| CopyValue::new(code));
    let mut outcome = use_resource(move || async move {
        let code = code.peek().clone();
        redeem(devices, code).await
    });
    let done = outcome.read().as_ref().and_then(|outcome| outcome.as_ref().ok().cloned());
    use_effect(use_reactive(&done, move |done| {
        if let Some(session) = done {
            navigator.replace(Route::home(session.device, session.role));
        }
    }));
    let failed = outcome.read().as_ref().and_then(|outcome| outcome.as_ref().err().cloned());
    rsx! {
        main { class: "screen",
            div { class: "top", Title { title: words::account::SIGN_IN } }
            match failed {
                None => rsx! {
                    Loading { text: words::account::SIGNING_IN }
                    p { class: "empty small", {words::account::SIGNING_IN_WHAT} }
                },
                Some(error) => rsx! {
                    div { class: "content stack wide",
                        Notice { title: words::account::NOT_SIGNED_IN, text: "{error}" }
                        if error.kind != ErrorKind::Server {
                            Button { testid: "try-again", onclick: move |()| outcome.restart(), {words::TRY_AGAIN} }
                        }
                        Link { class: "button", to: Route::SignIn {}, {words::account::OTHER_CODE} }
                        Link { class: "button quiet", to: Route::Accounts {}, {words::TO_ACCOUNTS} }
                    }
                },
            }
        }
    }
}

/// Redeems a code for the device that it was first tried with: the server takes a repetition from the same device, whose
/// first answer may have been lost. A code that was redeemed here before leads to its account, and a code for somebody who
/// has one here, to that: what waits there is theirs.
async fn redeem(devices: Devices, code: String) -> Result<Session, EngineError> {
    let platform = devices.platform();
    let key = format!("code.{code}");
    let known = platform.0.preference(&key).and_then(|text| text.trim().parse::<DeviceId>().ok());
    let id = known.unwrap_or_else(|| DeviceId(fresh_id()));
    platform.0.set_preference(&key, &id.to_string());
    let beside = platform.0.accounts().list()?.into_iter().map(|account| account.device).collect();
    let signed_in = devices.device(id)?.ask(Ask::Session).await?;
    let mut reply = match signed_in {
        Reply::Session(Some(_)) if known.is_some() => signed_in,
        _ => enroll(devices, id, &code, beside).await?,
    };
    if let Reply::KnownHere(id) = reply {
        platform.0.set_preference(&key, &id.to_string());
        reply = enroll(devices, id, &code, Vec::new()).await?;
    }
    let Reply::Session(Some(session)) = reply else {
        let message = words::account::VERSIONS_MET.to_owned();
        return Err(EngineError { kind: ErrorKind::Stopped, message });
    };
    let account = Account { device: session.device, name: session.name.clone(), role: session.role };
    platform.0.accounts().keep(account)?;
    Ok(session)
}

async fn enroll(devices: Devices, id: DeviceId, code: &str, beside: Vec<DeviceId>) -> Result<Reply, EngineError> {
    let device_name = devices.platform().0.device_name();
    devices.device(id)?.ask(Ask::Enroll { code: code.to_owned(), device_name, beside }).await
}

#[cfg(test)]
mod tests {
    use super::typed_code;

    #[test]
    fn a_pasted_link_is_as_good_as_its_code() {
        for typed in ["K7QM-3XNP", " K7QM-3XNP ", "https://311.example.gov/app/sign-in/K7QM-3XNP", "x/K7QM-3XNP/ "] {
            assert_eq!(typed_code(typed).as_deref(), Some("K7QM-3XNP"), "{typed}");
        }
        assert_eq!((typed_code(" "), typed_code("/")), (None, None));
    }
}
