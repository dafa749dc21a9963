//! Who is on this device.

use super::look::LookChooser;
use crate::engine::accounts::Account;
use crate::ui::components::card::Section;
use crate::ui::components::frame::Title;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::notice::{Empty, Notice};
use crate::ui::routes::Route;
use crate::ui::state::Devices;
use crate::ui::words;
use dioxus::prelude::*;

/// The list of accounts, and the way to another one.
#[component]
pub fn Accounts() -> Element {
    let devices = use_context::<Devices>();
    let accounts = use_hook(|| devices.platform().0.accounts().list());
    rsx! {
        main { class: "screen",
            div { class: "top",
                p { class: "brand", i { "Cold" } "patch" }
                Title { title: words::account::TITLE }
            }
            div { class: "content stack wide",
                match &accounts {
                    Err(error) => rsx! { Notice { text: "{error}" } },
                    Ok(accounts) if accounts.is_empty() => rsx! {
                        Empty { glyph: Glyph::People, title: words::account::NOBODY, text: words::account::NOBODY_WHAT }
                    },
                    Ok(accounts) => rsx! {
                        Section { title: words::account::ON_THIS_DEVICE,
                            div { class: "card rows",
                                for account in accounts {
                                    AccountRow { key: "{account.device}", account: account.clone() }
                                }
                            }
                        }
                    },
                }
                LookChooser {}
            }
            div { class: "foot",
                Link { class: "button main", to: Route::SignIn {}, "data-testid": "sign-in-with-code",
                    {words::account::SIGN_IN_WITH_CODE}
                }
            }
        }
    }
}

#[component]
fn AccountRow(account: Account) -> Element {
    rsx! {
        Link { class: "row", to: Route::home(account.device, account.role), "data-testid": "account",
            Icon { glyph: Glyph::People }
            span { class: "grow",
                span { class: "strong block", "{account.name}" }
                span { class: "small block", {words::account::role(account.role)} }
            }
            Icon { glyph: Glyph::Forward }
        }
    }
}
