// Screenshots as small PNGs: 256 colors are enough for a page, and a third of the bytes.
import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLORS = 256;

/** The same picture with at most 256 colors. Takes what Chromium writes: 8 bits per channel, not interlaced. */
export function shrink(png) {
  const { width, height, pixels } = decode(png);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const palette = choose(counts);
  const nearest = new Map();
  for (const color of counts.keys()) nearest.set(color, closest(palette, color));
  const rows = Buffer.alloc((width + 1) * height);
  pixels.forEach((pixel, at) => (rows[at + 1 + Math.floor(at / width)] = nearest.get(pixel)));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap(channels));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", head),
    chunk("PLTE", colors),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Pixels as 0xRRGGBB. */
function decode(png) {
  let [width, height, size] = [0, 0, 0];
  const data = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const body = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    const type = png.toString("latin1", at + 4, at + 8);
    if (type === "IHDR") [width, height, size] = [body.readUInt32BE(0), body.readUInt32BE(4), body[9] === 6 ? 4 : 3];
    if (type === "IDAT") data.push(body);
  }
  const raw = inflateSync(Buffer.concat(data));
  const stride = width * size;
  const out = Buffer.alloc(stride * height);
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const [left, up] = [x >= size ? out[y * stride + x - size] : 0, y ? out[(y - 1) * stride + x] : 0];
      const corner = x >= size && y ? out[(y - 1) * stride + x - size] : 0;
      const guess = [0, left, up, (left + up) >> 1, filter === 4 ? paeth(left, up, corner) : 0][filter];
      out[y * stride + x] = raw[y * (stride + 1) + 1 + x] + guess;
    }
    for (let x = 0; x < width; x++) pixels[y * width + x] = out.readUIntBE(y * stride + x * size, 3);
  }
  return { width, height, pixels };
}

function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Median cut; each box is represented by its most frequent color, so that plain areas keep theirs exactly. */
function choose(counts) {
  const boxes = [[...counts.keys()]];
  while (boxes.length < COLORS) {
    let [best, widest, channel] = [-1, 0, 0];
    boxes.forEach((box, index) => {
      for (const each of [0, 1, 2]) {
        const values = box.map((color) => channels(color)[each]);
        const spread = (values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b))) * Math.sqrt(box.length);
        if (spread > widest) [best, widest, channel] = [index, spread, each];
      }
    });
    if (best < 0) break;
    const box = boxes[best].sort((a, b) => channels(a)[channel] - channels(b)[channel]);
    boxes.push(box.splice(box.length >> 1));
  }
  return boxes.map((box) => box.reduce((a, b) => (counts.get(b) > counts.get(a) ? b : a)));
}

function closest(palette, color) {
  const [r, g, b] = channels(color);
  let [best, least] = [0, Infinity];
  palette.forEach((each, index) => {
    const apart = (r - (each >> 16)) ** 2 + (g - ((each >> 8) & 255)) ** 2 + (b - (each & 255)) ** 2;
    if (apart < least) [best, least] = [index, apart];
  });
  return best;
}

function channels(color) {
  return [color >> 16, (color >> 8) & 255, color & 255];
}

function chunk(type, body) {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), body]);
  const whole = Buffer.alloc(typed.length + 8);
  whole.writeUInt32BE(body.length, 0);
  typed.copy(whole, 4);
  whole.writeUInt32BE(crc32(typed), typed.length + 4);
  return whole;
}

/** Of a chunk; node has its own only from version 22 on. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
