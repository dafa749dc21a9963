// Parts of a TIFF structure, big-endian, as EXIF has it (TIFF 6.0, section 2): for photos that say what a journey needs.

/** An entry of a directory; `value` as a number, or four bytes of it. */
export function entry(tag, type, count, value) {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(tag, 0);
  bytes.writeUInt16BE(type, 2);
  bytes.writeUInt32BE(count, 4);
  if (typeof value === "string") bytes.write(value, 8, 4, "latin1");
  else bytes.writeUInt32BE(value, 8);
  return bytes;
}

/** A directory with nothing after it. */
export function ifd(...entries) {
  const count = Buffer.alloc(2);
  count.writeUInt16BE(entries.length);
  return Buffer.concat([count, ...entries, Buffer.alloc(4)]);
}

/** A segment of a JPEG. */
export function segment(marker, content) {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(2 + content.length, 2);
  return Buffer.concat([head, content]);
}

/** The segment that EXIF has in a JPEG. */
export function app1(tiff) {
  return segment(0xe1, Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]));
}
