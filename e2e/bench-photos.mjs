// Photos in Chromium, on their way from the gallery into drafts: `cargo xtask bench photos` runs this.
// Prints one JSON line for each figure: `{ figure, value, unit, goal, against }`.
//
// COLDPATCH_PICTURES is a folder with `0.jpg`, 12 megapixels; COLDPATCH_PHOTOBENCH the program that makes the same natively.
// Native, the browser's decoder and wasm take turns, so that a busy minute of the machine is everybody's.
//
// Chromium slows down pages, never their Workers. So the figures of fifty photos are sums: what a person waits for in the
// real app, its page slowed down, plus what the Workers would take longer if they were slowed down as much.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { median, report, round1 } from "./lib/bench.mjs";
import { offerMaker } from "./lib/maker.mjs";
import { newPhone } from "./lib/phone.mjs";
import { exposed } from "./lib/picking.mjs";
import { startServer } from "./lib/server.mjs";
import { noSignal, signIn } from "./lib/staff.mjs";

const { COLDPATCH_PICTURES: pictures, COLDPATCH_PHOTOBENCH: program } = process.env;
const ROUNDS = 7;
const THROTTLE = 4;
const PHOTOS = 50;
const GOALS = { browser: 1.5, wasm: 4, blocked: 50, apart: 2.5, first: 2, all: 30, frozen: 200 };

const cleanups = [];
try {
  const scope = { after: (work) => cleanups.unshift(work) };
  const server = await startServer(scope);
  const phone = await newPhone(scope, server, "inspector");
  const made = await one(scope, phone);
  await fifty(scope, server, phone, made);
} finally {
  for (const work of cleanups) await work();
}

/** One photo, three ways. */
async function one(scope, phone) {
  const photo = join(pictures, "0.jpg");
  const folder = await mkdtemp(join(tmpdir(), "coldpatch-native-"));
  scope.after(() => rm(folder, { recursive: true, force: true }));
  const natively = async () => JSON.parse((await promisify(execFile)(program, ["make", photo, folder])).stdout).inside_ms;
  const { page } = phone;
  await phone.open("/app/");
  await offerMaker(page);
  await page.evaluate(async (base64) => (globalThis.file = await blobOf(base64)), (await readFile(photo)).toString("base64"));
  const inBrowser = (way) => page.evaluate(async (way) => (await make(file, way)).done, way);
  const took = { native: [], browser: [], wasm: [] };
  // What is compiled on first use is not measured.
  await Promise.all([natively(), inBrowser(), inBrowser("wasm")]);
  await watchLongTasks(page);
  for (let round = 0; round < ROUNDS; round++) {
    took.native.push(await natively());
    const browser = await inBrowser();
    if (browser.by === "Wasm") throw new Error("the browser's own decoder was not used");
    took.browser.push(browser.took_ms);
    took.wasm.push((await inBrowser("wasm")).took_ms);
  }
  const tasks = await longTasks(page);
  const [native, browser, wasm] = [took.native, took.browser, took.wasm].map(median);
  const against = { native_ms: round1(native), browser_ms: round1(browser), wasm_ms: round1(wasm) };
  report("12 MP in Chromium's Worker: time of native's", Math.round(Math.min(browser, wasm) / native * 100) / 100, "", GOALS.browser, against);
  report("12 MP by wasm alone: time of native's", Math.round(wasm / native * 100) / 100, "", GOALS.wasm, against);
  report("page blocked while a photo is made", Math.max(0, ...tasks), "ms", GOALS.blocked, { long_tasks_ms: tasks.map(round1) });
  const native64 = (await readFile(join(folder, "display.jpg"))).toString("base64");
  const distance = await page.evaluate(
    async (native) => apart((await make(file)).display, await (await blobOf(native)).arrayBuffer()),
    native64,
  );
  report("browser's and native display rendition: apart of 255, mean", distance.mean, "", GOALS.apart, {
    one_in_a_hundred: distance.most,
    size: distance.size,
  });
  return Math.min(browser, wasm);
}

/** Fifty photos picked at once, in the app. */
async function fifty(scope, server, phone, made) {
  const { page } = phone;
  await signIn(server, phone, "ines-okafor");
  await phone.offline();
  await noSignal(page);
  const folder = await mkdtemp(join(tmpdir(), "coldpatch-gallery-"));
  scope.after(() => rm(folder, { recursive: true, force: true }));
  const picture = await readFile(join(pictures, "0.jpg"));
  const walk = Array.from({ length: PHOTOS }, (_, n) => ({ at: 700 * n, up: 60 * n }));
  await mkdir(folder, { recursive: true });
  const files = await Promise.all(
    exposed(picture, walk).map(async ({ name, bytes }) => {
      await writeFile(join(folder, name), bytes);
      return join(folder, name);
    }),
  );
  const lanes = await page.evaluate(() => (navigator.hardwareConcurrency >= 2 ? 2 : 1));
  const session = await phone.context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
  await watchLongTasks(page);
  await page.evaluate((photos) => {
    globalThis.seen = {};
    const painted = (what) =>
      requestAnimationFrame(() => setTimeout(() => (globalThis.seen[what] ??= performance.now() - globalThis.began)));
    document.addEventListener("change", () => (globalThis.began = performance.now()), { capture: true, once: true });
    const look = () => {
      const heads = [...document.querySelectorAll("[data-testid=draft] .draft-photo img:not(.photo-blur)")];
      if (heads.length) painted("first");
      if (heads.length >= photos && heads.every((image) => image.complete && image.naturalWidth)) painted("all");
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
    document.addEventListener("load", look, { capture: true });
  }, PHOTOS);
  // As a person does: whoever picks fifty photos looks at the gallery for longer than these two seconds, which do not count.
  const gallery = page.waitForEvent("filechooser");
  await page.getByText("Add photos").click();
  await page.waitForTimeout(2_000);
  await (await gallery).setFiles(files);
  await page.waitForFunction(() => globalThis.seen.all, null, { timeout: 180_000, polling: 200 });
  const tasks = await longTasks(page);
  const { first, all } = await page.evaluate(() => globalThis.seen);
  const longer = (count) => ((THROTTLE - 1) * made * count) / lanes;
  const sum = (shown, count) => Math.round((shown + longer(count)) / 10) / 100;
  const against = (shown, count) => ({ seen_ms: round1(shown), workers_longer_ms: round1(longer(count)), at_once: lanes });
  report(`first of ${PHOTOS} photos is a draft, ${THROTTLE}x throttled`, sum(first, 1 * lanes), "s", GOALS.first, against(first, 1 * lanes));
  report(`${PHOTOS} photos are listed with thumbnails, ${THROTTLE}x throttled`, sum(all, PHOTOS), "s", GOALS.all, against(all, PHOTOS));
  report(`page blocked while ${PHOTOS} photos are taken in, ${THROTTLE}x throttled`, Math.max(0, ...tasks), "ms", GOALS.frozen, {
    long_tasks: tasks.length,
    in_all_ms: round1(tasks.reduce((sum, each) => sum + each, 0)),
  });
}

async function watchLongTasks(page) {
  await page.evaluate(() => {
    globalThis.blocked = [];
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) globalThis.blocked.push(task.duration);
    }).observe({ type: "longtask" });
  });
}

/** Long tasks are told of afterwards. */
function longTasks(page) {
  return page.evaluate(() => new Promise((resolve) => setTimeout(() => resolve(globalThis.blocked.splice(0)), 1_000)));
}
