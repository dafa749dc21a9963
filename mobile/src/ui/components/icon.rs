//! Icons: the files of `assets/icons`, inline, in the color of the text around them.

use dioxus::prelude::*;

macro_rules! glyphs {
    ($($(#[$doc:meta])* $name:ident = $file:literal),* $(,)?) => {
        /// An icon of our own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Glyph {
            $($(#[$doc])* $name),*
        }

        impl Glyph {
            fn svg(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("../../../../assets/icons/", $file, ".svg"))),*
                }
            }

            /// The icon that the catalog names; a name that this version does not know gets a general one.
            #[must_use]
            pub fn named(name: &str) -> Self {
                match name {
                    $($file => Self::$name,)*
                    _ => Self::Other,
                }
            }
        }
    };
}

glyphs! {
    /// A list.
    List = "list",
    /// A place.
    Pin = "pin",
    /// A photo to take.
    Camera = "camera",
    /// Sync.
    Sync = "sync",
    /// Back.
    Back = "back",
    /// Leads on.
    Forward = "forward",
    /// More.
    Plus = "plus",
    /// Less.
    Minus = "minus",
    /// Away with it.
    Close = "close",
    /// Ticked.
    Check = "check",
    /// Search.
    Search = "search",
    /// Narrows a list.
    Filter = "filter",
    /// What to load.
    Load = "load",
    /// A crew.
    People = "people",
    /// A phone.
    Phone = "phone",
    /// A desk.
    Desk = "desk",
    /// My place.
    Target = "target",
    /// A note.
    Note = "note",
    /// Everything in view.
    Fit = "fit",
    /// Look at this.
    Warning = "warning",
    /// Throw away.
    Trash = "trash",
    /// Time.
    Clock = "clock",
    /// Light for the camera.
    Torch = "torch",
    /// Draws an arrow.
    Arrow = "arrow",
    /// Draws a circle.
    Circle = "circle",
    /// Writes.
    Text = "text",
    /// Covers a part.
    Cover = "cover",
    /// One step back.
    Undo = "undo",
    /// The sun theme.
    Sun = "sun",
    /// Service type.
    Pothole = "pothole",
    /// Service type.
    Litter = "litter",
    /// Service type.
    TrashCan = "trash-can",
    /// Service type.
    Graffiti = "graffiti",
    /// Service type.
    StreetLight = "street-light",
    /// Service type.
    Sign = "sign",
    /// Service type.
    Hydrant = "hydrant",
    /// Service type.
    Vehicle = "vehicle",
    /// Service type.
    MissedPickup = "missed-pickup",
    /// Service type.
    Tree = "tree",
    /// Anything else.
    Other = "other",
}

/// An icon. It is decoration: the word beside it, or the label of the button around it, says what it means.
#[component]
pub fn Icon(glyph: Glyph) -> Element {
    rsx! {
        span { class: "icon", aria_hidden: "true", dangerous_inner_html: glyph.svg() }
    }
}
