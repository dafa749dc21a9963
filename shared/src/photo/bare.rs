//! Whether a JPEG says nothing but its picture. What everybody may see is checked, not believed: a phone names the files.

/// Whether `bytes` are a JPEG without metadata: no application segment but JFIF's own, no comment. Exif and XMP are in
/// `APP1`, IPTC in `APP13` (JPEG, ITU-T T.81, table B.1).
#[must_use]
pub fn is_bare_jpeg(bytes: &[u8]) -> bool {
    const SOI: [u8; 2] = [0xff, 0xd8];
    let Some(mut rest) = bytes.strip_prefix(&SOI) else { return false };
    loop {
        match rest {
            // Fill bytes may stand before any marker.
            [0xff, 0xff, ..] => rest = &rest[1..],
            // Start of scan: the picture begins.
            [0xff, 0xda, ..] => return true,
            [0xff, 0xe1..=0xef | 0xfe, ..] => return false,
            [0xff, _, high, low, ..] => {
                let Some(next) = rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..) else { return false };
                rest = next;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_bare_jpeg;

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
}
