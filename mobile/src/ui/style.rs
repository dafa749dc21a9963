//! One stylesheet out of the token sheet and the styles that stand beside the components.

use super::components::STYLES;

/// The tokens of `assets/tokens.css`, for pages that bring their own styles.
pub const TOKENS: &str = include_str!("../../../assets/tokens.css");

/// The whole stylesheet of the staff app.
#[must_use]
pub fn stylesheet() -> String {
    let mut sheet = TOKENS.to_owned();
    for style in STYLES {
        sheet.push_str(style);
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_that_a_style_uses_is_in_the_token_sheet() {
        let sheet = stylesheet();
        for rest in sheet.split("var(").skip(1) {
            let name = rest.split([')', ',']).next().unwrap_or_default();
            assert!(TOKENS.contains(&format!("  {name}:")), "{name} is not a token");
        }
    }
}
