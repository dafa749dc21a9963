//! What a JPEG's markers tell: whether it says nothing but its picture, and whether all of it is there. What everybody may
//! see is checked, not believed: a phone names the files.

use super::profile::is_srgb;

/// Whether `bytes` are a JPEG without metadata: no application segment but JFIF's own, no comment. Exif and XMP are in
/// `APP1`, IPTC in `APP13` (JPEG, ITU-T T.81, table B.1).
#[must_use]
pub fn is_bare_jpeg(bytes: &[u8]) -> bool {
    scan(bytes, |marker| !matches!(marker, 0xe1..=0xef | 0xfe)).is_some()
}

/// The same picture without what [`is_bare_jpeg`] does not want; a color profile goes with it. `None` for what is no JPEG.
#[must_use]
pub fn bared_jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let scan = scan(bytes, |_| true)?;
    let mut bare = bytes.get(..2)?.to_vec();
    bare.extend(segments(bytes)?.into_iter().filter(|segment| !is_said(segment)).flatten());
    bare.extend_from_slice(scan);
    Some(bare)
}

/// The same picture as [`bared_jpeg`], if nothing that is taken out changes its colors: no profile (`APP2`) but sRGB's own, no word
/// on how colors are stored (Adobe's `APP14`). How it is to be turned is taken out with EXIF.
#[must_use]
pub fn plain_jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let colored = |segment: &&[u8]| {
        let said = segment.get(4..).unwrap_or_default();
        said.starts_with(b"Adobe") || said.strip_prefix(PROFILE).is_some_and(|part| !is_whole_srgb(part))
    };
    if segments(bytes)?.iter().any(colored) { None } else { bared_jpeg(bytes) }
}

/// How a segment begins that has a color profile, or the part of one (ICC.1:2010, B.4).
const PROFILE: &[u8] = b"ICC_PROFILE\0";

/// sRGB's profile is small: it comes in one part, which says that it is the first of one.
fn is_whole_srgb(part: &[u8]) -> bool {
    part.strip_prefix(&[1, 1]).is_some_and(is_srgb)
}

/// Whether a segment says something beside the picture.
fn is_said(segment: &[u8]) -> bool {
    matches!(segment.get(1), Some(0xe1..=0xef | 0xfe))
}

/// The segments before the first scan, each with its marker.
fn segments(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let scan = scan(bytes, |_| true)?;
    let mut head = bytes.get(2..bytes.len() - scan.len())?;
    let mut segments = Vec::new();
    while let [0xff, marker, high, low, ..] = head {
        if *marker == 0xff {
            head = &head[1..];
            continue;
        }
        let (segment, rest) = head.split_at_checked(2 + usize::from(u16::from_be_bytes([*high, *low])))?;
        segments.push(segment);
        head = rest;
    }
    Some(segments)
}

/// Whether a JPEG has no end: half a picture, which some decoders show as if it were whole. What cameras append behind the
/// end does no harm.
#[must_use]
pub fn is_cut_off_jpeg(bytes: &[u8]) -> bool {
    const EOI: [u8; 2] = [0xff, 0xd9];
    // Within a scan no marker's bytes occur by chance (ITU-T T.81, B.1.1.5).
    scan(bytes, |_| true).is_none_or(|scan| !scan.windows(2).rev().any(|pair| pair == EOI))
}

/// The file from its first scan on, if it gets so far and every marker before is `welcome`.
fn scan(bytes: &[u8], welcome: impl Fn(u8) -> bool) -> Option<&[u8]> {
    const SOI: [u8; 2] = [0xff, 0xd8];
    let mut rest = bytes.strip_prefix(&SOI)?;
    loop {
        match rest {
            // Fill bytes may stand before any marker.
            [0xff, 0xff, ..] => rest = &rest[1..],
            // Start of scan: the picture begins.
            [0xff, 0xda, ..] => return Some(rest),
            [0xff, marker, ..] if !welcome(*marker) => return None,
            [0xff, _, high, low, ..] => rest = rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..)?,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{bared_jpeg, is_bare_jpeg, is_cut_off_jpeg, plain_jpeg};
    use moxcms::ColorProfile;

    #[test]
    fn only_a_jpeg_without_metadata_is_bare() {
        const JFIF: &[u8] = &[0xff, 0xe0, 0, 4, 1, 2];
        const SCAN: &[u8] = &[0xff, 0xda, 0, 2, 9, 9];
        let cases: [(&[&[u8]], bool); 7] = [
            (&[&[0xff, 0xd8], JFIF, SCAN], true),
            (&[&[0xff, 0xd8], JFIF, &[0xff, 0xff], &SCAN[1..]], true),
            (&[&[0xff, 0xd8], JFIF, &[0xff, 0xe1, 0, 4, 1, 2], SCAN], false),
            (&[&[0xff, 0xd8], &[0xff, 0xfe, 0, 3, b'x'], SCAN], false),
            (&[&[0xff, 0xd8], &[0xff, 0xdb, 0xff, 0xff]], false),
            (&[&[0x89, b'P', b'N', b'G']], false),
            (&[], false),
        ];
        for (parts, bare) in cases {
            assert_eq!(is_bare_jpeg(&parts.concat()), bare, "{parts:x?}");
        }
    }

    #[test]
    fn baring_takes_metadata_and_leaves_the_picture() {
        const JFIF: &[u8] = &[0xff, 0xe0, 0, 4, 1, 2];
        const TABLE: &[u8] = &[0xff, 0xdb, 0, 3, 7];
        const SCAN: &[u8] = &[0xff, 0xda, 0, 2, 9, 9, 0xff, 0xd9];
        const PROFILE: &[u8] = &[0xff, 0xe2, 0, 5, 1, 2, 3];
        const COMMENT: &[u8] = &[0xff, 0xff, 0xfe, 0, 3, b'x'];
        let said = [&[0xff, 0xd8], JFIF, PROFILE, COMMENT, TABLE, SCAN].concat();
        let bare = bared_jpeg(&said).unwrap();
        assert_eq!(bare, [&[0xff, 0xd8], JFIF, TABLE, SCAN].concat());
        assert!(is_bare_jpeg(&bare) && !is_bare_jpeg(&said));
        assert_eq!(bared_jpeg(&bare), Some(bare));
        for end in 0..said.len() - SCAN.len() {
            assert_eq!(bared_jpeg(&said[..end]), None);
        }
    }

    #[test]
    fn a_jpeg_is_plain_unless_something_beside_its_pixels_colors_it() {
        const SCAN: &[u8] = &[0xff, 0xda, 0, 2, 9, 9, 0xff, 0xd9];
        let with = |marker: u8, said: &[u8]| {
            let [high, low] = u16::try_from(said.len() + 2).unwrap().to_be_bytes();
            [&[0xff, 0xd8, 0xff, marker, high, low], said, SCAN].concat()
        };
        let profile = |part: u8, parts: u8, profile: &ColorProfile| {
            with(0xe2, &[b"ICC_PROFILE\0", &[part, parts][..], &profile.encode().unwrap()].concat())
        };
        let bare = [&[0xff, 0xd8], SCAN].concat();
        assert_eq!(plain_jpeg(&bare), Some(bare.clone()));
        assert_eq!(plain_jpeg(&with(0xe1, b"Exif\0\0which way up")), Some(bare.clone()));
        assert_eq!(plain_jpeg(&with(0xe2, b"MPF\0more pictures")), Some(bare.clone()));
        assert_eq!(plain_jpeg(&profile(1, 1, &ColorProfile::new_srgb())), Some(bare));
        assert_eq!(plain_jpeg(&profile(1, 2, &ColorProfile::new_srgb())), None);
        assert_eq!(plain_jpeg(&profile(1, 1, &ColorProfile::new_display_p3())), None);
        assert_eq!(plain_jpeg(&with(0xe2, b"ICC_PROFILE\0\x01\x01colors")), None);
        assert_eq!(plain_jpeg(&with(0xee, b"Adobe\0\x64")), None);
    }

    #[test]
    fn a_jpeg_without_an_end_is_cut_off_whatever_its_preview_says() {
        const PREVIEW: &[u8] = &[0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9];
        const SCAN: &[u8] = &[0xff, 0xda, 0, 2, 9, 9];
        let whole = [&[0xff, 0xd8], PREVIEW, SCAN, &[0xff, 0xd9], b"a film"].concat();
        assert!(!is_cut_off_jpeg(&whole));
        for end in 0..whole.len() - b"\xd9a film".len() {
            assert!(is_cut_off_jpeg(&whole[..end]), "{end}");
        }
    }
}
