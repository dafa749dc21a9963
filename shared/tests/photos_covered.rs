//! Covered parts of real photos: nothing of them is left, and the rest stays as it was.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod photo_files;

use coldpatch_shared::photo::{Area, MAX_THUMBNAIL_BYTES, PhotoProblem, covered};
use photo_files::{made, noise, pixels, real_photo};

const PLATE: Area = Area { x: 0.3, y: 0.4, width: 0.25, height: 0.2 };

#[test]
fn in_no_file_of_a_covered_photo_can_the_covered_part_be_seen() {
    let mut files = vec![noise(1_000, 750), noise(333, 217)];
    files.extend(["DSCN0010.jpg", "landscape_6.jpg", "no_exif.jpg"].iter().filter_map(|name| real_photo(name)));
    for file in files {
        let before = made(&file);
        let after = covered(&before.display.bytes, &[PLATE]).unwrap();
        for (part, name) in [(&after.display, "display"), (&after.thumbnail, "thumbnail")] {
            let picture = pixels(&part.bytes);
            let (width, height) = picture.dimensions();
            let at = |side: u32, fraction: f64| (f64::from(side) * fraction) as u32;
            for y in at(height, 0.4) + 2..at(height, 0.6) - 2 {
                for x in at(width, 0.3) + 2..at(width, 0.55) - 2 {
                    let brightest = *picture.get_pixel(x, y).0.iter().max().unwrap();
                    // A JPEG rings where black meets light, which says nothing of what the black hides.
                    assert!(brightest < 48, "{name} at {x}, {y}: {brightest}");
                }
            }
        }
        assert_ne!(after.blur, before.blur);
        assert!(after.thumbnail.bytes.len() <= MAX_THUMBNAIL_BYTES);
        assert_eq!((after.display.width, after.display.height), (before.display.width, before.display.height));
    }
}

#[test]
fn what_is_not_covered_hardly_changes() {
    let Some(file) = real_photo("DSCN0010.jpg") else { return };
    let before = made(&file).display;
    let after = covered(&before.bytes, &[PLATE]).unwrap().display;
    let (before, after) = (pixels(&before.bytes), pixels(&after.bytes));
    let mut apart = 0.0;
    let mut counted = 0.0;
    for (x, y, pixel) in before.enumerate_pixels() {
        if f64::from(x) < f64::from(before.width()) * 0.25 {
            let other = after.get_pixel(x, y);
            apart += pixel.0.iter().zip(other.0).map(|(a, b)| f64::from(a.abs_diff(b))).sum::<f64>();
            counted += 3.0;
        }
    }
    assert!(apart / counted < 1.5, "{} of 255 on average", apart / counted);
}

#[test]
fn what_cannot_be_read_is_not_half_covered() {
    let display = made(&noise(400, 300)).display.bytes;
    assert!(matches!(covered(&display[..display.len() / 2], &[PLATE]), Err(PhotoProblem::PartlyDamaged(_))));
    assert!(covered(b"", &[PLATE]).is_err());
    assert!(covered(b"not a picture", &[PLATE]).is_err());
}
