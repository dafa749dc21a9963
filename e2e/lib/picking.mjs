// Photos as an inspector's camera leaves them, and the ways in which they come into the app.
import { readFile } from "node:fs/promises";
import { photo } from "./photos.mjs";
import { app1, entry, ifd, segment } from "./tiff.mjs";

/** Where the street begins: in the demo city. */
export const STREET = { lat: 47.6272, lon: -122.3373 };
const DEGREE_M = 111_195;
const NOON = Date.UTC(2026, 4, 1, 12);

/**
 * Photos of a walk up a street: each taken `at` so many seconds after noon, `up` so many meters (without it: nowhere), all
 * showing `picture` and each another file.
 */
export async function street(walk, picture = "landscape_1.jpg") {
  return exposed(await readFile(photo(picture)), walk).map(({ name, bytes }) => ({
    name,
    type: "image/jpeg",
    base64: bytes.toString("base64"),
  }));
}

/** The same of any JPEG, as bytes. */
export function exposed(picture, walk) {
  const jpeg = withoutExif(picture);
  return walk.map(({ at, up }, n) => {
    const exif = app1(tiff(new Date(NOON + at * 1000), up === undefined ? null : STREET.lat + up / DEGREE_M));
    const bytes = Buffer.concat([jpeg.subarray(0, 2), exif, comment(`${n}`), jpeg.subarray(2)]);
    return { name: `IMG_${String(n).padStart(4, "0")}.jpg`, bytes };
  });
}

/** Drops the files on the screen, holds them over it (`hover`), or pastes them, as a browser tells a page of it. */
export async function handOver(page, how, files) {
  await page.getByTestId("add-photos").waitFor({ state: "attached" });
  for (const file of files) {
    // One by one: a message of all of them is too long for the browser's own channel.
    await page.evaluate(({ name, type, base64 }) => {
      globalThis.carried ??= new DataTransfer();
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      globalThis.carried.items.add(new File([bytes], name, { type }));
    }, file);
  }
  await page.evaluate((how) => {
    const carried = globalThis.carried;
    delete globalThis.carried;
    if (how === "paste") {
      window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
      return;
    }
    const target = document.querySelector("[data-testid=drafts]");
    for (const type of how === "hover" ? ["dragenter", "dragover"] : ["dragenter", "dragover", "drop"]) {
      target.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
    }
  }, how);
}

/** A JPEG without its APP1 segments. */
function withoutExif(jpeg) {
  const kept = [jpeg.subarray(0, 2)];
  let at = 2;
  for (; jpeg[at] === 0xff && jpeg[at + 1] !== 0xda; ) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] !== 0xe1) kept.push(jpeg.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...kept, jpeg.subarray(at)]);
}

/** Another file, though it shows the same. */
function comment(text) {
  return segment(0xfe, Buffer.from(text));
}

/** Big-endian TIFF (EXIF 2.32, 4.6): camera, time, and a place on the street where `lat` is given. */
function tiff(time, lat) {
  const blocks = [];
  let end = 8;
  const put = (block) => {
    const at = end;
    blocks.push(block);
    end += block.length + (block.length & 1);
    if (block.length & 1) blocks.push(Buffer.alloc(1));
    return at;
  };
  const degrees = (value) => {
    const bytes = Buffer.alloc(24);
    const minutes = (Math.abs(value) % 1) * 60;
    [Math.trunc(Math.abs(value)), 1, Math.trunc(minutes), 1, Math.round((minutes % 1) * 60 * 10_000), 10_000].forEach((part, n) =>
      bytes.writeUInt32BE(part, 4 * n),
    );
    return bytes;
  };
  const stamp = `${time.toISOString().slice(0, 19).replaceAll("-", ":").replace("T", " ")}\0`;
  const stampAt = put(Buffer.from(stamp, "latin1"));
  const cameraAt = put(Buffer.from("Coldpatch test\0", "latin1"));
  const exifAt = put(ifd(entry(0x9003, 2, 20, stampAt)));
  const main = [entry(0x0110, 2, 15, cameraAt), entry(0x8769, 4, 1, exifAt)];
  if (lat !== null) {
    const [latAt, lonAt] = [put(degrees(lat)), put(degrees(STREET.lon))];
    const north = entry(1, 2, 2, "N");
    const west = entry(3, 2, 2, "W");
    main.push(entry(0x8825, 4, 1, put(ifd(north, entry(2, 5, 3, latAt), west, entry(4, 5, 3, lonAt)))));
  }
  const mainAt = put(ifd(...main));
  const head = Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 0]);
  head.writeUInt32BE(mainAt, 4);
  return Buffer.concat([head, ...blocks]);
}
