// A day's catch-up on a phone in Chromium whose processor is four times as slow: `cargo xtask bench sync` runs this.
// Prints one JSON line for each figure: `{ figure, value, unit, goal, against }`.
//
// Chromium slows down pages, never their Workers. So the engine's part is run on a page (`/app/?bench`), which hears what a
// phone heard that the bench recorded (COLDPATCH_RECORDED); and how long the page of the real app is blocked is measured
// in the real app, slowed down, while its Worker takes in what came while it was away.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openRequest } from "./lib/open311.mjs";
import { newPhone } from "./lib/phone.mjs";
import { startServer } from "./lib/server.mjs";
import { allSent, goTo, noSignal, signIn } from "./lib/staff.mjs";
import { until } from "./lib/until.mjs";

const recorded = process.env.COLDPATCH_RECORDED;
const THROTTLE = 4;
const ROUNDS = 3;
const WORK_ORDERS = 2_000;
const MEANWHILE = 60;
const GOALS = { apply: 2_000, blocked: 50 };

const cleanups = [];
try {
  await bench({ after: (work) => cleanups.unshift(work) });
} finally {
  for (const work of cleanups) await work();
}

async function bench(scope) {
  const server = await startServer(scope);
  const phone = await newPhone(scope, server, "crew");
  const applied = [];
  let firstSync;
  for (let round = 0; round < ROUNDS; round++) {
    const times = await replay(phone);
    applied.push(times.day);
    firstSync ??= times.pages;
  }
  report(`applying a day's catch-up, ${THROTTLE}x throttled`, median(applied), "ms", GOALS.apply, {
    first_sync_pages_ms: firstSync.map(round1),
  });

  await fileMany(server, WORK_ORDERS);
  await signIn(server, phone, "ana-ruiz");
  await goTo(phone.page, "today");
  await phone.page.getByTestId("job-row").first().waitFor();
  await allSent(phone.page);
  await phone.offline();
  await noSignal(phone.page);
  await fileMany(server, MEANWHILE, "meanwhile");
  const session = await phone.context.newCDPSession(phone.page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
  await phone.page.evaluate(() => {
    globalThis.blocked = [];
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) globalThis.blocked.push(task.duration);
    }).observe({ type: "longtask" });
  });
  await phone.online();
  await allSent(phone.page);
  await until("what came meanwhile is painted", () => phone.page.evaluate(() => document.body.innerText.includes("meanwhile")));
  const blocked = await phone.page.evaluate(
    () => new Promise((resolve) => setTimeout(() => resolve(globalThis.blocked), 1_000)),
  );
  report(`page blocked during a catch-up, ${THROTTLE}x throttled`, Math.max(0, ...blocked), "ms", GOALS.blocked, {
    long_tasks: blocked.length,
    came_meanwhile: MEANWHILE,
  });
}

/** The engine's rounds on a page slowed down, over a database in memory; ms of each. */
async function replay(phone) {
  const { session, incarnation, deeds, pages } = JSON.parse(await readFile(join(recorded, "phone.json"), "utf8"));
  const tab = await phone.context.newPage();
  await phone.open("/app/?bench", tab);
  await tab.waitForFunction(() => globalThis.coldpatchBench);
  const cdp = await phone.context.newCDPSession(tab);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
  await tab.evaluate(([session, incarnation]) => coldpatchBench.begin(session, incarnation), [session, incarnation].map(text));
  const hear = async (name) => {
    const base64 = (await readFile(join(recorded, name))).toString("base64");
    return tab.evaluate((base64) => coldpatchBench.hear(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))), base64);
  };
  const times = { pages: [] };
  for (let page = 0; page < pages; page++) times.pages.push(await hear(`page-${page}`));
  await tab.evaluate((deeds) => coldpatchBench.act(deeds), text(deeds));
  times.day = await hear("day");
  await tab.close();
  return times;
}

/** Files requests that become work orders of the crew that looks after lights and signs. */
async function fileMany(server, count, word = "dark since Monday") {
  const file = (n) => {
    // A lattice over the middle of the demo city.
    const [lat, long] = [47.612 + Math.floor(n / 50) * 0.0007, -122.36 + (n % 50) * 0.001];
    const description = `Number ${n}: ${word}, and the school is around the corner.`;
    return openRequest(server, { service_code: "street_light_out", "attribute[fault]": "out", lat, long, description });
  };
  for (let n = 0; n < count; n += 8) {
    await Promise.all(Array.from({ length: Math.min(8, count - n) }, (_, more) => file(n + more)));
  }
}

function report(figure, value, unit, goal, against) {
  console.log(JSON.stringify({ figure, value: round1(value), unit, goal, against }));
}

function text(value) {
  return JSON.stringify(value);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function round1(value) {
  return Math.round(value * 10) / 10;
}
