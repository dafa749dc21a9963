// A day's catch-up on a phone in Chromium whose processor is four times as slow: `cargo xtask bench sync` runs this.
// Prints one JSON line for each figure: `{ figure, value, unit, goal, against }`.
//
// Chromium slows down pages, never their Workers. So the engine's part is run on a page (`/app/?bench`), which hears what a
// phone heard that the bench recorded (COLDPATCH_RECORDED); and how long the page of the real app is blocked is measured
// in the real app, slowed down, while its Worker takes in what came while it was away.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileMany, jobsOn, median, report, round1 } from "./lib/bench.mjs";
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
  const pages = await replay(phone, applied, THROTTLE);
  while (applied.length < ROUNDS) await replay(phone, applied, 1);
  report(`applying a day's catch-up, ${THROTTLE}x throttled`, median(applied), "ms", GOALS.apply, {
    first_sync_pages_ms: pages.map(round1),
  });

  await fileMany(server, WORK_ORDERS);
  await signIn(server, phone, "ana-ruiz");
  await jobsOn(phone.page, WORK_ORDERS);
  await goTo(phone.page, "today");
  await phone.page.getByTestId("job-row").first().waitFor();
  await allSent(phone.page);
  await phone.offline();
  await noSignal(phone.page);
  const before = await toDo(phone.page);
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
  const enough = async () => (await toDo(phone.page)) >= before + MEANWHILE;
  await until("what came meanwhile is counted on the page", enough, { timeout: 60_000 });
  // Long tasks are told of afterwards.
  const blocked = await phone.page.evaluate(
    () => new Promise((resolve) => setTimeout(() => resolve(globalThis.blocked), 1_000)),
  );
  report(`page blocked during a catch-up, ${THROTTLE}x throttled`, Math.max(0, ...blocked), "ms", GOALS.blocked, {
    long_tasks_ms: blocked.map(round1),
    came_meanwhile: MEANWHILE,
    work_orders: before,
  });
}

/** How many jobs the crew's list says are to do. */
async function toDo(page) {
  return Number((await page.getByTestId("today").locator("h1").textContent()).replace(/\D/g, ""));
}

/**
 * The engine's rounds on a page, over a database in memory. The day's, whose ms go to `applied`, on a processor that is
 * slowed down; those of the first sync, whose ms are returned, slowed down by `throttle`.
 */
async function replay(phone, applied, throttle) {
  const { session, incarnation, deeds, pages } = JSON.parse(await readFile(join(recorded, "phone.json"), "utf8"));
  const tab = await phone.context.newPage();
  await phone.open("/app/?bench", tab);
  await tab.waitForFunction(() => globalThis.coldpatchBench);
  const cdp = await phone.context.newCDPSession(tab);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: throttle });
  await tab.evaluate(([session, incarnation]) => coldpatchBench.begin(session, incarnation), [session, incarnation].map(text));
  const hear = async (name) => {
    const base64 = (await readFile(join(recorded, name))).toString("base64");
    return tab.evaluate((base64) => coldpatchBench.hear(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))), base64);
  };
  const first = [];
  for (let page = 0; page < pages; page++) first.push(await hear(`page-${page}`));
  await tab.evaluate((deeds) => coldpatchBench.act(deeds), text(deeds));
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
  applied.push(await hear("day"));
  await tab.close();
  return first;
}

function text(value) {
  return JSON.stringify(value);
}
