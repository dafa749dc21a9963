// A phone with a camera: Chromium's own fake device, which films a real photo. Everything behind it is as with a real one.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { launchOptions } from "./browser.mjs";
import { newPhone } from "./phone.mjs";
import { photo } from "./photos.mjs";

/** A film of one photo, as Chromium reads them: JPEGs one after the other. Gone when the test `t` ends. */
export async function film(t, name) {
  const original = (await readFile(photo(name))).toString("base64");
  const browser = await chromium.launch(launchOptions());
  const page = await browser.newPage();
  const frame = await page.evaluate(async (original) => {
    const image = Object.assign(new Image(), { src: `data:image/jpeg;base64,${original}` });
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 960 });
    canvas.getContext("2d").drawImage(image, 0, 0, 1280, 960);
    return canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
  }, original);
  await browser.close();
  const folder = await mkdtemp(join(tmpdir(), "coldpatch-film-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "film.mjpeg");
  const jpeg = Buffer.from(frame, "base64");
  await writeFile(file, Buffer.concat([jpeg, jpeg]));
  return file;
}

/** A new phone that films `file`, or a pattern that moves; `allowed`: whether its person lets the app use the camera. */
export function newCameraPhone(t, server, name, file, { allowed = true, ...more } = {}) {
  const args = [
    ...launchOptions().args,
    "--use-fake-device-for-media-stream",
    ...(file ? [`--use-file-for-fake-video-capture=${file}`] : []),
    ...(allowed ? ["--use-fake-ui-for-media-stream"] : []),
  ];
  const geolocation = { latitude: 47.6271, longitude: -122.3374, accuracy: 6 };
  return newPhone(t, server, name, { args, permissions: ["geolocation"], geolocation, ...more });
}

/** From the next load on, the page remembers which cameras it opened. */
export async function watchCameras(phone) {
  await phone.context.addInitScript(() => {
    globalThis.opened = [];
    const devices = navigator.mediaDevices;
    // An empty page has none.
    if (!devices) return;
    const plain = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wanted) => {
      const stream = await plain(wanted);
      globalThis.opened.push(...stream.getTracks());
      return stream;
    };
  });
}

/** The states of the cameras that the page has opened: `live` or `ended`. */
export function cameras(page) {
  return page.evaluate(() => globalThis.opened.map((track) => track.readyState));
}

/** Draws on the photo in the editor, from one place to another, in fractions of it. */
export async function draw(page, tool, from, to) {
  await page.getByTestId(`tool-${tool}`).click();
  const box = await page.getByTestId("stage").boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
  await page.mouse.move(...at(to));
  await page.mouse.up();
}

/** How bright the brightest pixel is in a part of a picture, 0 to 255. `area`: left, top, right, bottom in fractions. */
export function brightest(page, jpeg, area) {
  return page.evaluate(
    async ([bytes, [left, top, right, bottom]]) => {
      const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([raw], { type: "image/jpeg" }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const [x, y] = [Math.round(left * image.width), Math.round(top * image.height)];
      const [w, h] = [Math.round((right - left) * image.width), Math.round((bottom - top) * image.height)];
      const { data } = context.getImageData(x, y, w, h);
      let most = 0;
      for (let at = 0; at < data.length; at += 4) most = Math.max(most, data[at], data[at + 1], data[at + 2]);
      return most;
    },
    [jpeg.toString("base64"), area],
  );
}

/** Every file of this page's origin in the browser's own file system that is a JPEG. */
export async function jpegsOnPhone(page) {
  const all = await page.evaluate(async () => {
    const found = [];
    const look = async (folder) => {
      for await (const handle of folder.values()) {
        if (handle.kind === "directory") await look(handle);
        else {
          const file = await handle.getFile().catch(() => null);
          if (!file) continue;
          const bytes = new Uint8Array(await file.arrayBuffer());
          if (bytes[0] !== 0xff || bytes[1] !== 0xd8) continue;
          let text = "";
          for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
          found.push([handle.name, btoa(text)]);
        }
      }
    };
    await look(await navigator.storage.getDirectory());
    return found;
  });
  return new Map(all.map(([name, text]) => [name, Buffer.from(text, "base64")]));
}
