use super::ToSrgb;
use image::{Rgb, RgbImage};
use moxcms::{ColorProfile, Layout, TransformOptions};

/// Every color of a coarse cube.
fn cube() -> RgbImage {
    let step = |n: u32| u8::try_from(n * 255 / 15).unwrap();
    RgbImage::from_fn(64, 64, |x, y| Rgb([step(x % 16), step(y % 16), step(x / 16 * 4 + y / 16)]))
}

/// As a complete color management makes it.
fn by_moxcms(profile: &ColorProfile) -> RgbImage {
    let before = cube();
    let mut after = RgbImage::new(64, 64);
    profile
        .create_transform_8bit(Layout::Rgb, &ColorProfile::new_srgb(), Layout::Rgb, TransformOptions::default())
        .unwrap()
        .transform(before.as_raw(), &mut after)
        .unwrap();
    after
}

#[test]
fn colors_come_out_as_a_complete_color_management_has_them() {
    for (name, profile) in [
        ("Display P3", ColorProfile::new_display_p3()),
        ("Adobe RGB", ColorProfile::new_adobe_rgb()),
        ("ProPhoto", ColorProfile::new_pro_photo_rgb()),
    ] {
        let mut ours = cube();
        ToSrgb::of(&profile.encode().unwrap()).unwrap().apply(&mut ours);
        let theirs = by_moxcms(&profile);
        let worst = ours.as_raw().iter().zip(theirs.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        // Three only where a color lies on the edge of sRGB, next to black.
        assert!(worst <= 3, "{name}: {worst}");
        let changed = ours.as_raw().iter().zip(cube().as_raw()).filter(|(a, b)| a.abs_diff(**b) > 8).count();
        assert!(changed > 1_000, "{name} changes {changed} of 12,288 values");
    }
}

#[test]
fn srgb_by_any_maker_changes_nothing() {
    assert!(ToSrgb::of(&ColorProfile::new_srgb().encode().unwrap()).is_none());
}

#[test]
fn gray_gets_the_curve_of_its_profile() {
    let dark = ToSrgb::of(&ColorProfile::new_gray_with_gamma(1.0).encode().unwrap()).unwrap();
    // Linear light of a half looks like 188 of 255.
    let mut middle = RgbImage::from_pixel(1, 1, Rgb([128; 3]));
    dark.apply(&mut middle);
    assert!(middle.get_pixel(0, 0).0.iter().all(|value| value.abs_diff(188) <= 1), "{middle:?}");
}

#[test]
fn a_damaged_profile_is_none_or_one_and_never_an_end() {
    let whole = ColorProfile::new_display_p3().encode().unwrap();
    for length in 0..whole.len() {
        let _ = ToSrgb::of(&whole[..length]);
    }
    let mut picture = cube();
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            if let Some(found) = ToSrgb::of(&damaged) {
                found.color([1, 128, 254]);
            }
        }
    }
    assert!(ToSrgb::of(b"").is_none());
    assert!(ToSrgb::of(&[0xff; 4_096]).is_none());
    ToSrgb::of(&whole).unwrap().apply(&mut picture);
}
