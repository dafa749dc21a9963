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

    /// Red, green and blue of six hexadecimal digits, each from 0 to 1.
    fn rgb(hex: &str) -> Option<[f64; 3]> {
        let part = |at: usize| Some(f64::from(u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?) / 255.0);
        if hex.len() == 6 { Some([part(0)?, part(2)?, part(4)?]) } else { None }
    }

    /// A theme's colors by name. Two themes stand twice in the sheet, and both must say the same.
    fn theme(selector: &str) -> BTreeMap<String, [f64; 3]> {
        let mut colors = BTreeMap::new();
        // What a theme leaves out is as in the light one.
        for selector in [":root,\n[data-theme=\"light\"] {", selector] {
            let block = TOKENS.split(selector).nth(1).unwrap().split('}').next().unwrap();
            for line in block.lines() {
                let Some((name, value)) = line.trim().split_once(": #") else { continue };
                if let Some(color) = rgb(value.trim_end_matches(';')) {
                    colors.insert(name.to_owned(), color);
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

    const LIGHT: &str = ":root,";
    const DARK_BY_DEVICE: &str = "@media (prefers-color-scheme: dark) {\n  :root:not([data-theme]) {";
    const DARK_BY_CHOICE: &str = "\n[data-theme=\"dark\"] {";
    const SUN: &str = "\n[data-theme=\"sun\"] {";
    const SUN_BY_DEVICE: &str =
        "@media (prefers-contrast: more) and (prefers-color-scheme: light) {\n  :root:not([data-theme]) {";

    /// Every color that words have, and every ground that they stand on. A new pair belongs here; the journeys find those
    /// that are missing (`e2e/lib/axe.mjs`).
    const TEXT: [(&str, &[&str]); 13] = [
        ("--ink", &["--ground", "--paper", "--tint", "--chosen"]),
        ("--ink-2", &["--ground", "--paper", "--tint", "--chosen"]),
        ("--ink-3", &["--ground", "--paper", "--tint"]),
        ("--open", &["--ground", "--paper", "--tint", "--chosen"]),
        ("--work", &["--ground", "--paper", "--tint", "--chosen"]),
        ("--done", &["--ground", "--paper", "--tint", "--chosen"]),
        ("--stop", &["--ground", "--paper", "--tint", "--chosen"]),
        ("--review", &["--ground", "--paper", "--tint", "--chosen"]),
        ("--mark-ink", &["--mark", "--mark-press"]),
        ("--paper", &["--ink"]),
        ("--on-status", &["--open", "--work", "--done", "--stop", "--review"]),
        ("--map-name", &["--map-land", "--map-park", "--map-street"]),
        ("--ink", &["--map-land"]),
    ];

    /// What is no text and must be seen all the same: edges of fields and boxes, the ring around what has the focus.
    const SHAPES: [(&str, &[&str]); 3] = [
        ("--edge", &["--ground", "--paper"]),
        ("--open", &["--ground", "--paper", "--tint"]),
        ("--map-border", &["--map-land"]),
    ];

    fn assert_contrast(selector: &str, pairs: &[(&str, &[&str])], least: f64) {
        let colors = theme(selector);
        for (word, grounds) in pairs {
            for ground in *grounds {
                let ratio = contrast(colors[*word], colors[*ground]);
                assert!(ratio >= least, "{selector} {word} on {ground}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn text_is_readable_in_every_theme_and_in_the_sun_by_the_highest_level() {
        for (selector, least) in [(LIGHT, 4.5), (DARK_BY_CHOICE, 4.5), (SUN, 7.0)] {
            assert_contrast(selector, &TEXT, least);
        }
    }

    #[test]
    fn shapes_are_seen_in_every_theme_and_in_the_sun_as_well_as_text_elsewhere() {
        for (selector, least) in [(LIGHT, 3.0), (DARK_BY_CHOICE, 3.0), (SUN, 4.5)] {
            assert_contrast(selector, &SHAPES, least);
        }
    }

    #[test]
    fn a_theme_is_the_same_by_the_device_and_by_choice() {
        assert_eq!(theme(DARK_BY_DEVICE), theme(DARK_BY_CHOICE));
        assert_eq!(theme(SUN_BY_DEVICE), theme(SUN));
    }

    #[test]
    fn the_ground_before_the_app_is_there_is_the_one_of_its_theme() {
        let shell = include_str!("../../web/index.html");
        for (selector, block) in [
            (LIGHT, ":root { color-scheme: light dark; background: "),
            (DARK_BY_CHOICE, "(prefers-color-scheme: dark) { :root { background: "),
            (LIGHT, ":root[data-theme=\"light\"] { color-scheme: light; background: "),
            (DARK_BY_CHOICE, ":root[data-theme=\"dark\"] { color-scheme: dark; background: "),
            (SUN, ":root[data-theme=\"sun\"] { color-scheme: light; background: "),
        ] {
            let color = shell.split(block).nth(1).unwrap().split(';').next().unwrap();
            assert_eq!(rgb(color.trim_start_matches('#')), Some(theme(selector)["--ground"]), "{block}");
        }
    }
}
