// Real photos, and one that no camera at hand would make.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { app1, entry, ifd } from "./tiff.mjs";

const folder = process.env.COLDPATCH_PHOTOS ?? fileURLToPath(new URL("../../../shared/data/photos/", import.meta.url));

/** Why the tests that need photos cannot run here, or `false`. For node's `skip` option. */
export const noPhotos = !existsSync(folder) && `the test photos are not at ${folder} (set COLDPATCH_PHOTOS)`;

/** The file of a photo. */
export function photo(name) {
  return join(folder, name);
}

/** `no_exif.jpg` with an EXIF block that says latitude 0, longitude 0, as broken receivers write it. */
export async function nullIsland() {
  const jpeg = await readFile(photo("no_exif.jpg"));
  return Buffer.concat([jpeg.subarray(0, 2), app1(gpsAtZero()), jpeg.subarray(2)]);
}

/** Whether a JPEG holds any of the blocks in which cameras leave who, where and when. */
export function hasMetadata(jpeg) {
  for (let at = 2; at + 4 < jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== 0xda; ) {
    const marker = jpeg[at + 1];
    // APP1 (EXIF, XMP), APP2 (other than a color profile), APP13 (IPTC), a comment.
    if (marker === 0xe1 || marker === 0xed || marker === 0xfe) return true;
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return false;
}

/** Big-endian TIFF: IFD0 with one entry, the GPS IFD with four, two times three rationals of 0/1. */
function gpsAtZero() {
  const [gpsAt, latitudeAt] = [26, 80];
  const zero = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]);
  return Buffer.concat([
    Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8]),
    ifd(entry(0x8825, 4, 1, gpsAt)),
    ifd(
      entry(1, 2, 2, "N"),
      entry(2, 5, 3, latitudeAt),
      entry(3, 2, 2, "E"),
      entry(4, 5, 3, latitudeAt + 24),
    ),
    ...Array(6).fill(zero),
  ]);
}
