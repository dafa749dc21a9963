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
    use std::collections::BTreeMap;

    #[test]
    fn every_token_that_a_style_uses_is_in_the_token_sheet() {
        let sheet = stylesheet();
        for rest in sheet.split("var(").skip(1) {
            let name = rest.split([')', ',']).next().unwrap_or_default();
            assert!(TOKENS.contains(&format!("  {name}:")), "{name} is not a token");
        }
    }

    /// A theme's colors by name. The dark theme stands twice in the sheet, and both must say the same.
    fn theme(selector: &str) -> BTreeMap<String, [f64; 3]> {
        let mut colors = BTreeMap::new();
        // What a theme leaves out is as in the light one.
        for selector in [":root,\n[data-theme=\"light\"] {", selector] {
            let block = TOKENS.split(selector).nth(1).unwrap().split('}').next().unwrap();
            for line in block.lines() {
                let Some((name, value)) = line.trim().split_once(": #") else { continue };
                let hex = value.trim_end_matches(';');
                if hex.len() == 6 {
                    let part = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
                    colors.insert(name.to_owned(), [part(0), part(2), part(4)]);
                }
            }
        }
        colors
    }

    /// WCAG 2.2, relative luminance and contrast ratio.
    fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let luminance = |color: [f64; 3]| {
            let linear = color.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
            0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    const DARK_BY_DEVICE: &str = "@media (prefers-color-scheme: dark) {\n  :root {";
    const DARK_BY_CHOICE: &str = "\n[data-theme=\"dark\"] {";
    const SUN: &str = "\n[data-theme=\"sun\"] {";

    #[test]
    fn text_and_shapes_can_be_read_in_every_theme() {
        let words = ["--ink", "--ink-2", "--ink-3", "--open", "--work", "--done", "--stop", "--review"];
        for (selector, text) in [(":root,", 4.5), (DARK_BY_DEVICE, 4.5), (DARK_BY_CHOICE, 4.5), (SUN, 7.0)] {
            let colors = theme(selector);
            for ground in ["--ground", "--paper"] {
                for word in words {
                    let ratio = contrast(colors[word], colors[ground]);
                    assert!(ratio >= text, "{selector} {word} on {ground}: {ratio:.2}");
                }
                let ratio = contrast(colors["--edge"], colors[ground]);
                assert!(ratio >= 3.0, "{selector} --edge on {ground}: {ratio:.2}");
            }
            for (word, ground) in [
                ("--mark-ink", "--mark"),
                ("--mark-ink", "--mark-press"),
                ("--ink", "--chosen"),
                ("--ink-2", "--tint"),
                ("--ink-3", "--tint"),
                ("--paper", "--ink"),
                ("--on-status", "--done"),
                ("--on-status", "--review"),
            ] {
                let ratio = contrast(colors[word], colors[ground]);
                assert!(ratio >= 4.5, "{selector} {word} on {ground}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn dark_is_the_same_by_the_device_and_by_choice() {
        assert_eq!(theme(DARK_BY_DEVICE), theme(DARK_BY_CHOICE));
    }
}
