// What staff do in the app, in their own terms: five lines make a new journey.
import assert from "node:assert/strict";
import { until } from "./until.mjs";

/** A one-time sign-in code, made by the program, for `ana-ruiz` (Crew 4), `ben-carter` (Crew 1), `ines-okafor`, … */
export async function codeFor(server, person) {
  const said = await server.run("enroll", "--person", person);
  const code = said.match(/\/app\/sign-in\/([^\s/]+)/)?.[1];
  assert.ok(code, `enroll printed no link: ${said}`);
  return code;
}

/** Signs a person in by link, and waits until the city's jobs are there and the app can start offline. */
export async function signIn(server, phone, person, page = phone.page) {
  await phone.open(`/app/sign-in/${await codeFor(server, person)}`, page);
  await allSent(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
}

/** Waits until the sync line says that the city has everything. */
export function allSent(page) {
  return line(page, /All sent|drafts? on this phone, not filed yet/);
}

/** Waits until the sync line says that there is no signal. */
export function noSignal(page) {
  return line(page, "No signal");
}

/** Waits until the sync line says this. After the server was away, the next try may be half a minute off. */
export async function line(page, words) {
  const lines = page.getByTestId("sync-line");
  try {
    await lines.filter({ hasText: words }).first().waitFor({ timeout: 60_000 });
  } catch (cause) {
    throw new Error(`the sync line never said ${words}, but: ${await lines.allInnerTexts()}`, { cause });
  }
}

/** Opens a screen of the person who is signed in: `today`, `drafts`, `sync`, `desk`, `job/<id>`. */
export async function goTo(page, screen) {
  const device = new URL(page.url()).pathname.match(/^\/app\/d\/[^/]+/)?.[0];
  assert.ok(device, `nobody is signed in at ${page.url()}`);
  await page.goto(new URL(`${device}/${screen}`, page.url()).href);
}

/** A job's row on a list, by the job's id or by words in it; looks through the list, of which only a part is drawn. */
export async function rowOf(page, { id, words }) {
  const all = page.getByTestId("job-row");
  const row = id ? page.locator(`[data-testid=job-row][href$="/job/${id}"]`) : all.filter({ hasText: words });
  return until(`a row of ${id ?? words}`, async () => {
    if (await row.count()) return row.first();
    const more = page.getByRole("button", { name: "More", exact: true });
    if (await more.count()) await more.first().click();
    // A screen further, and from the end back to the beginning.
    await page.evaluate(() => {
      const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
      scrollTo(0, end ? 0 : scrollY + innerHeight);
    });
    return false;
  });
}

/** The supervisor's panel of the job with this number, out of a part of the queue (`open`, `closed`, `review`, …). */
export async function openPanel(page, number, queue = "open") {
  await page.getByTestId(`queue-${queue}`).click();
  await page.getByTestId("search").fill(number);
  const row = page.getByTestId("job-row").first();
  await until("one row", async () => (await page.getByTestId("job-row").count()) === 1);
  await row.click();
  const panel = page.getByTestId("panel");
  await panel.getByTestId("tracking-number").filter({ hasText: number }).waitFor();
  return panel;
}

/** The draft card that says this. */
export function draftOf(page, words) {
  return page.getByTestId("draft").filter({ hasText: words });
}

/** Waits until every picture inside has really been drawn, and there are at least so many. */
export async function picturesOpen(locator, atLeast = 1) {
  await until(`${atLeast} pictures are drawn`, async () => {
    const widths = await locator.locator("img").evaluateAll((all) => all.map((each) => each.complete && each.naturalWidth));
    return widths.length >= atLeast && widths.every((width) => width > 0);
  });
}

/** Opens the photo in this slot (`before`, `after`, `report`) large; resolves to its width in pixels. */
export async function openPhoto(page, where, slot) {
  await where.getByTestId(`photo-${slot}`).getByRole("button").first().click();
  const image = page.getByTestId("photo-large").locator("img");
  const width = await until(`the ${slot} photo is drawn large`, async () => {
    const width = await image.evaluate((node) => node.complete && node.naturalWidth);
    return width > 320 && width;
  });
  await page.getByTestId("dialog-close").click();
  return width;
}

/** The lines of the history, oldest first. */
export async function historyOf(where) {
  return (await where.getByTestId("history").locator("li").allTextContents()).map((text) => text.trim());
}
